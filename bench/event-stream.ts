import { Agent, get, type IncomingMessage } from 'node:http';

export interface EventStream {
  /** Called with each piece as it arrives. */
  onPiece(hear: (piece: string) => void): void;
  /** The other side ended it. */
  isEnded(): boolean;
  close(): void;
}

const agent = new Agent({ maxSockets: Infinity });

/** Server-sent events of loopback, once the first one is there. @throws Error with the status when it is no stream */
export async function openEventStream(url: string, headers: Record<string, string>): Promise<EventStream> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent }, resolve).on('error', reject);
  });
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`${url} answered ${response.statusCode}`);
  }
  let ended = false;
  let hear: (piece: string) => void = () => undefined;
  response.on('error', () => undefined).once('close', () => (ended = true));
  response.setEncoding('utf8');
  await new Promise<void>((resolve) => {
    response.on('data', (piece: string) => {
      resolve();
      hear(piece);
    });
  });
  return {
    onPiece: (next) => (hear = next),
    isEnded: () => ended,
    close: () => response.destroy(),
  };
}
