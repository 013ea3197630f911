import { launchApi, startApi } from './api.js';
import { openEventStream, type EventStream } from './event-stream.js';
import { median } from './load.js';
import { within, type Result } from './results.js';
import { seedParties } from './seed-prescriptions.js';
import type { Stage } from './stage.js';
import { meetingOf, personOf, type Person } from './tickets-people.js';

const rounds = 5;
const streams = 1_000;
const atOnce = 16;
const settleMs = 2_000;
const looks = 3;
const lookEveryMs = 500;

/** How much a process of the API grows by a thousand open streams, each of another thread; a new process each round. */
export async function streamsMemory(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const desk = await startApi(stage); // its first account makes the organization
  const grown: number[] = [];
  const idle: number[] = [];
  try {
    const { pharmacyId, threadIds } = await meetingOf(stage.sql, await seedParties(stage.sql), streams);
    const pharmacy = await personOf(desk, { role: 'pharmacy', pharmacyId });
    for (let round = 0; round <= rounds; round += 1) {
      const [before, after] = await measured(stage, pharmacy, threadIds);
      log(
        `  ${round === 0 ? 'warm-up' : `round ${round}`}: ${before.toFixed(0)} MB idle, ${after.toFixed(0)} MB with ${streams} streams`,
      );
      if (round === 0) continue;
      idle.push(before);
      grown.push(after - before);
    }
  } finally {
    await desk.stop();
  }
  return [
    within(150, {
      id: 'tickets.streams.memory',
      what: `resident memory ${streams} open streams add to an API process, beside that of the process at rest`,
      figure: median(grown),
      unit: 'MB',
      reference: median(idle),
    }),
  ];
}

async function measured(stage: Stage, { authorization }: Person, threadIds: string[]): Promise<[number, number]> {
  const api = await launchApi(stage);
  const open: EventStream[] = [];
  try {
    const before = await residentMb(api.url);
    const next = threadIds.values();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const id of next)
          open.push(await openEventStream(`${api.url}/api/threads/${id}/stream`, { authorization }));
      }),
    );
    const after = await residentMb(api.url);
    const ended = open.filter((stream) => stream.isEnded()).length;
    if (open.length !== threadIds.length || ended > 0) throw new Error(`${open.length} streams opened, ${ended} ended`);
    return [before, after];
  } finally {
    for (const stream of open) stream.close();
    await api.stop();
  }
}

/** What the process says of itself, settled. */
async function residentMb(url: string): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const seen: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const [, bytes] = /^pharmonico_process_resident_memory_bytes (\S+)$/m.exec(text) ?? [];
    if (bytes === undefined) throw new Error('the process does not say how much memory it has');
    seen.push(Number(bytes) / 2 ** 20);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return median(seen);
}
