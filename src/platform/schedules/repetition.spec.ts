import { Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../test/support/until.js';
import { Repetition } from './repetition.js';

const counted = (run: (count: number) => Promise<boolean>, everyMs = 5) => {
  const seen = { runs: 0, atOnce: 0, mostAtOnce: 0 };
  const repetition = new Repetition({
    name: 'test',
    everyMs,
    run: async () => {
      seen.runs += 1;
      seen.atOnce += 1;
      seen.mostAtOnce = Math.max(seen.mostAtOnce, seen.atOnce);
      try {
        return await run(seen.runs);
      } finally {
        seen.atOnce -= 1;
      }
    },
  });
  return { seen, repetition };
};

describe('what repeats', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  it('runs at once while more waits, and else with pauses', async () => {
    const { seen, repetition } = counted((count) => Promise.resolve(count < 50), 60_000);
    repetition.start();
    await until(() => seen.runs >= 50);
    expect(seen.runs).toBe(50);
    await repetition.finish();
  });

  it('goes on after a failure', async () => {
    const { seen, repetition } = counted((count) =>
      count < 3 ? Promise.reject(new Error('down')) : Promise.resolve(false),
    );
    repetition.start();
    await until(() => seen.runs > 3);
    await repetition.finish();
  });

  it('is never run twice at a time, waits for the run under way at the end, and runs a last time', async () => {
    const { seen, repetition } = counted(async () => {
      await pause(20);
      return true;
    });
    repetition.start();
    await pause(30);
    const before = seen.runs;
    await repetition.finish();
    expect([seen.atOnce, seen.mostAtOnce, seen.runs]).toEqual([0, 1, before + 1]);
    await pause(40);
    expect(seen.runs).toBe(before + 1);
  });

  it('does nothing at the end when it never began', async () => {
    const { seen, repetition } = counted(() => Promise.resolve(false));
    await repetition.finish();
    expect(seen.runs).toBe(0);
  });
});
