import 'reflect-metadata';
import { Ops } from '../../src/demo/actors/ops.js';
import { Payer } from '../../src/demo/actors/payer.js';
import { Prescriber } from '../../src/demo/actors/prescriber.js';
import { ApiClient } from '../../src/demo/client.js';
import { furnish } from '../../src/demo/furnish.js';
import { Random } from '../../src/demo/generate/index.js';
import { Orders } from '../../src/demo/orders.js';
import { SandboxClient } from '../../src/demo/sandbox-client.js';
import { kinds } from './kinds.js';
import { answers, makeMischief, sleep } from './mischief.js';
import { chaosOptions, type ChaosOptions } from './options.js';
import { Course, type Stage } from './people.js';
import { isQuiet, judge } from './verdict.js';
import { Watch } from './watch.js';
import { account, createWorld, type World } from './world.js';

/**
 * `npm run chaos`: prescriptions of all paths while the application is killed with `kill -9` again and again. Nothing may be
 * lost and nothing done twice; the ledger of the vendor sandbox, in a process of its own, is the judge.
 */
const say = (line: string) => process.stdout.write(`${line}\n`);
/** A kill and the start after it take about this long; prescriptions come in during most of that time. */
const roundMs = 4_500;
const quietWithinMs = 30_000;

const began = Date.now();

async function run(world: World, options: ChaosOptions): Promise<string[]> {
  const random = new Random(options.seed);
  const giveUpAt = Date.now() + options.withinMs;
  world.app.start();
  await answers(world.appUrl);
  const { courses } = await cast(world, options);

  const spreadMs = Math.round(options.kills * roundMs * 0.8);
  const lives = courses.map(async (course) => {
    await sleep(random.int(0, spreadMs));
    await course.run(giveUpAt);
  });
  await makeMischief(world, random, options, (what) => {
    const over = courses.filter(({ isOver }) => isOver).length;
    say(`${seconds(began).padStart(6)} s  ${what.padEnd(36)} ${over}/${courses.length} at their end`);
  });
  await Promise.all(lives);
  say(`${seconds(began).padStart(6)} s  all at their end, or given up`);
  // The last kill may have come after that: the judge asks the application too.
  await answers(world.appUrl);
  await quiet(world, Math.min(quietWithinMs, Math.max(5_000, giveUpAt - Date.now())));

  const { table, problems } = await judge(world, new SandboxClient(world.sandboxUrl), courses);
  say(table);
  const repeats = courses.reduce((sum, course) => sum + course.repeats, 0);
  say(`people had to try again ${repeats} times; the application ended by itself ${world.app.ownEnds} times`);
  return problems;
}

async function cast(world: World, options: ChaosOptions): Promise<{ courses: Course[] }> {
  const admin = await ApiClient.signIn(world.appUrl, account.email, account.password);
  await furnish(admin);
  const today = earliestToday();
  const sandbox = new SandboxClient(world.sandboxUrl);
  const stage: Stage = {
    appUrl: world.appUrl,
    sandbox,
    ops: new Ops(admin),
    prescriber: new Prescriber(admin, today),
    payer: new Payer(sandbox),
  };
  const orders = new Orders(options.seed, today);
  const watch = new Watch(admin);
  const courses = Array.from({ length: options.prescriptions }, (_, index) => {
    const kind = kinds[index % kinds.length];
    if (kind === undefined) throw new Error('there are no kinds of prescriptions');
    return new Course(stage, kind, kind.order(orders), watch);
  });
  return { courses };
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(1);
}

/** YYYY-MM-DD where the day begins last: an order of this day is from tomorrow nowhere. */
function earliestToday(): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Pacific/Honolulu' }).format(new Date());
}

/** Messages may still be on their way when the last prescription is at its end; doubles would be, too. */
async function quiet(world: World, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  let quietLooks = 0;
  while (quietLooks < 8 && Date.now() < deadline) {
    quietLooks = (await isQuiet(world)) ? quietLooks + 1 : 0;
    await sleep(250);
  }
}

const options = chaosOptions(process.argv.slice(2));
say(
  `seed ${options.seed}: ${options.prescriptions} prescriptions, ${options.kills} kills, ${options.queueWipes} queue wipes, ` +
    `${options.databaseKills} database kills (--seed ${options.seed} repeats the order of events)`,
);
const world = await createWorld();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Database and application are in process groups of their own: the terminal's Ctrl-C does not reach them.
  process.once(signal, () => void world.stop({ keep: true }).finally(() => process.exit(1)));
}
let problems: string[];
try {
  problems = await run(world, options);
} catch (error) {
  problems = [error instanceof Error ? error.message : String(error)];
}
const failed = problems.length > 0;
const keep = options.keep || failed;
await world.stop({ keep });
for (const problem of problems) say(`- ${problem}`);
if (keep) say(`logs and ledger: ${world.folder}`);
say(
  failed
    ? `${problems.length} problem(s) after ${seconds(began)} s`
    : `nothing lost, nothing twice; ${seconds(began)} s`,
);
// After a failure the people of the story still wait for answers that will not come.
process.exit(failed ? 1 : 0);
