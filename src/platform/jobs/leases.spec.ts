import { jest } from '@jest/globals';
import type { RunningRow } from '../outbox/outbox.store.js';
import { Leases } from './leases.js';

describe('leases', () => {
  let renewed: string[][];
  let leases: Leases;
  let end: () => void;

  beforeEach(() => {
    renewed = [];
    const renew = async (rows: readonly RunningRow[]) => {
      renewed.push(rows.map(({ id }) => id));
    };
    leases = new Leases({ renew }, 60_000);
  });
  afterEach(() => jest.restoreAllMocks());

  const runs = (id: string) =>
    leases.during(
      { id, dispatchNo: 1 },
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );

  it('cost nothing for what begins and ends between two turns, or has begun since the last', async () => {
    await leases.turn();
    await leases.during({ id: 'short', dispatchNo: 1 }, () => Promise.resolve());
    const young = runs('young');
    await leases.turn();
    expect(renewed).toEqual([]);
    end();
    await young;
    await leases.turn();
    expect(renewed).toEqual([]);
  });

  it('are renewed together at every turn, until their run ends, also by a failure', async () => {
    const long = runs('long');
    const failing = leases.during({ id: 'failing', dispatchNo: 2 }, async () => {
      await long;
      throw new Error('no luck');
    });
    await leases.turn();
    await leases.turn();
    await leases.turn();
    expect(renewed).toEqual([
      ['long', 'failing'],
      ['long', 'failing'],
    ]);
    end();
    await expect(failing).rejects.toThrow('no luck');
    await leases.turn();
    expect(renewed).toHaveLength(2);
  });

  it('are left to end when a run hangs', async () => {
    const hanging = runs('hanging');
    await leases.turn();
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 3_600_000);
    await leases.turn();
    expect(renewed).toEqual([]);
    end();
    await hanging;
  });
});
