import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

/** One move of a prescription, as `GET /api/prescriptions/:id/stream` tells it. */
export interface Move {
  version: number;
  action: string;
  from: string | null;
  to: string;
  at: string;
}

/** Server-sent events of one prescription: every move in order, the earlier ones first. Ends with `signal`. */
export async function follow(
  { url, token }: { url: string; token: string },
  prescriptionId: string,
  onMove: (move: Move) => void,
  signal: AbortSignal,
): Promise<void> {
  const answer = await fetch(`${url}/api/prescriptions/${prescriptionId}/stream`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    signal,
  });
  if (!answer.ok || answer.body === null) throw new Error(`the stream of a prescription answered ${answer.status}`);
  const lines = createInterface({ input: Readable.fromWeb(answer.body as ReadableStream<Uint8Array>) });
  let event = 'message';
  for await (const line of lines) {
    if (line.startsWith('event:')) event = line.slice('event:'.length).trim();
    if (line === '') event = 'message';
    if (line.startsWith('data:') && event === 'status') onMove(JSON.parse(line.slice('data:'.length)) as Move);
  }
}
