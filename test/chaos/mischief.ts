import type { Random } from '../../src/demo/generate/index.js';
import type { ChaosOptions } from './options.js';
import type { World } from './world.js';

/** Longest time to the next kill after a start, counted from the moment the application answers. */
const longestLifeMs = 6_000;
/** Some kills come before it answers. */
const shareOfKillsAtStart = 0.15;
const answersWithinMs = 90_000;

export type Mischief =
  'application killed' | 'application killed while it starts' | 'queue emptied' | 'database killed';

/** What each round does beside the kill, dealt out over the rounds by chance. */
function deal(random: Random, rounds: number, count: number): Set<number> {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, rounds)) chosen.add(random.int(0, rounds - 1));
  return chosen;
}

/** Kills and restarts at random moments, one after another. */
export async function makeMischief(
  world: World,
  random: Random,
  options: Pick<ChaosOptions, 'kills' | 'databaseKills' | 'queueWipes'>,
  note: (what: Mischief) => void,
): Promise<void> {
  const wipes = deal(random, options.kills, options.queueWipes);
  const databaseKills = deal(random, options.kills, options.databaseKills);
  for (let round = 0; round < options.kills; round += 1) {
    const early = random.chance(shareOfKillsAtStart);
    const waitMs = early ? random.int(50, 1_500) : random.int(200, longestLifeMs);
    const mischief = random.int(0, waitMs);
    if (!early) await answers(world.appUrl);
    await sleep(mischief);
    if (wipes.has(round)) {
      await world.emptyQueue();
      note('queue emptied');
    }
    if (databaseKills.has(round)) {
      await world.killDatabase();
      note('database killed');
    }
    await sleep(waitMs - mischief);
    await world.app.killHard();
    note(early ? 'application killed while it starts' : 'application killed');
  }
}

/** @throws Error when it does not answer for half a minute */
export async function answers(appUrl: string): Promise<void> {
  const deadline = Date.now() + answersWithinMs;
  for (;;) {
    const alive = await fetch(`${appUrl}/api/health/live`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (alive) return;
    if (Date.now() > deadline) throw new Error('the application does not start; its log is in the folder of the run');
    await sleep(100);
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
