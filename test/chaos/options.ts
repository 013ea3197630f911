import { parseArgs } from 'node:util';

export interface ChaosOptions {
  /** Decides every random moment; printed, so that a bad run can be had again. */
  seed: number;
  prescriptions: number;
  /** `kill -9` of the application. */
  kills: number;
  /** Immediate shutdowns of PostgreSQL (SIGQUIT) in between, each followed by a start. */
  databaseKills: number;
  /** How often all jobs are taken out of the queue. */
  queueWipes: number;
  /** The run must be over after this long. */
  withinMs: number;
  /** Keep the folder with logs and ledger. */
  keep: boolean;
}

const defaults = { prescriptions: 60, kills: 20, withinSeconds: 230 };

export function chaosOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      prescriptions: { type: 'string' },
      kills: { type: 'string' },
      'database-kills': { type: 'string' },
      'queue-wipes': { type: 'string' },
      'within-seconds': { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const kills = whole('kills', values.kills, defaults.kills);
  return {
    seed: whole('seed', values.seed, Math.floor(Math.random() * 1_000_000)),
    prescriptions: whole('prescriptions', values.prescriptions, defaults.prescriptions),
    kills,
    databaseKills: whole('database-kills', values['database-kills'], 0),
    queueWipes: whole('queue-wipes', values['queue-wipes'], Math.ceil(kills / 7)),
    withinMs: whole('within-seconds', values['within-seconds'], defaults.withinSeconds) * 1_000,
    keep: values.keep,
  };
}

function whole(name: string, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  if (!/^\d{1,9}$/.test(given)) throw new Error(`--${name} takes a whole number`);
  return Number(given);
}
