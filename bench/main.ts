import 'reflect-metadata';
import { cpus, totalmem } from 'node:os';
import Table from 'cli-table3';
import { handover } from './core-handover.js';
import { intake } from './core-intake.js';
import { list } from './core-list.js';
import { pipeline } from './core-pipeline.js';
import { burst } from './doors-burst.js';
import { replay } from './doors-replay.js';
import { lifefileDoor } from './doors-lifefile.js';
import { withinGate, writeResults, type Result } from './results.js';
import { setStage, type Stage } from './stage.js';
import { ticketPages } from './tickets-page.js';
import { ticketStream } from './tickets-stream.js';
import { streamsMemory } from './tickets-streams-memory.js';

/**
 * `npm run bench`: each figure beside its reference in the same run, medians of five rounds after a warm-up (of the
 * burst the worst). Reports and exits 0;
 * with --gate it fails when a ratio misses 80 % of its goal. Names after -- choose benches, `tickets` all of `tickets.…`; what
 * was measured takes its place in bench/results.json, and `npm run docs` shows that.
 */
const benches: Readonly<Record<string, (stage: Stage, log: (line: string) => void) => Promise<Result[]>>> = {
  'core.intake': intake,
  'core.pipeline': pipeline,
  'core.list': list,
  'core.handover': handover,
  'doors.lifefile': lifefileDoor,
  'doors.burst': burst,
  'doors.replay': replay,
  'tickets.page': ticketPages,
  'tickets.stream': ticketStream,
  'tickets.streams.memory': streamsMemory,
};

const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const results: Result[] = [];
const log = (line: string) => process.stdout.write(`${line}\n`);
const isOf = (name: string, one: string) => `${name}.`.startsWith(`${one}.`) || `${one}.`.startsWith(`${name}.`);
const unknown = chosen.filter((one) => !Object.keys(benches).some((name) => isOf(name, one)));
if (unknown.length > 0) throw new Error(`no bench ${unknown.join(', ')}: there are ${Object.keys(benches).join(', ')}`);
for (const [name, bench] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.some((one) => isOf(name, one))) continue;
  log(`${name} …`);
  const stage = await setStage();
  try {
    results.push(...(await bench(stage, log)));
  } finally {
    await stage.stop();
  }
}

const table = new Table({ head: ['id', 'figure', 'unit', 'reference', 'ratio', 'goal', 'met'] });
for (const result of results) {
  table.push([
    result.id,
    result.figure,
    result.unit,
    result.reference,
    result.ratio,
    result.goal,
    result.met === null ? '' : result.met ? 'yes' : 'no',
  ]);
}
const [cpu] = cpus();
log(table.toString());
const machine = `${cpus().length} x ${cpu?.model ?? 'cpu'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
log(machine);
await writeResults(results, machine);
if (process.argv.includes('--gate')) {
  const missed = results.filter((result) => !withinGate(result));
  for (const { id, figure, unit, ratio, goal } of missed)
    log(`${id}: ${figure} ${unit}, ratio ${ratio}, misses 80 % of its goal (${goal})`);
  if (missed.length > 0) process.exitCode = 1;
}
