import '../utc.js';
import 'reflect-metadata';
import { loadConfig } from '../../config/index.js';
import {
  integratorOf,
  keepAccounts,
  openAccounts,
  openPatientAccount,
  signIns,
  type KeptAccounts,
} from './accounts.js';
import { Ops } from './actors/ops.js';
import { Payer } from './actors/payer.js';
import { Prescriber } from './actors/prescriber.js';
import { ApiClient } from './client.js';
import { drugs, fates } from './fates/index.js';
import { furnish } from './furnish.js';
import { sendingDay } from './generate/index.js';
import { interrupted, onInterrupt } from './interrupts.js';
import { readOptions, usage } from './options.js';
import { Orders } from './orders.js';
import { perform, type Outcome } from './performance.js';
import { startPlatform, type DemoPlatform } from './platform.js';
import { Progress } from './progress.js';
import { addressList, outcomeTable, type Address } from './report.js';
import { SandboxClient } from './sandbox-client.js';
import { Story, type Stage } from './story.js';

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const stopAsked = new Promise<'stop'>((resolve) => onInterrupt(() => resolve('stop')));
  const { DATA_DIR } = loadConfig({ DATA_DIR: process.env['DATA_DIR'] });
  const accounts = await keepAccounts(DATA_DIR, process.env);
  say('starting database, sandbox and application');
  const platform = await startPlatform(process.env, accounts, say);
  try {
    const status = await Promise.race([show(platform, accounts, DATA_DIR, options.speed), stopAsked]);
    if (status === 'stop') return options.exit ? interrupted : 0;
    if (options.exit) return status;
    say('\nserving until Ctrl-C');
    await stopAsked;
    return 0;
  } finally {
    say('stopping');
    await platform.stop();
  }
}

/** @returns the exit status */
async function show(platform: DemoPlatform, accounts: KeptAccounts, dataDir: string, speed: number): Promise<number> {
  const admin = await ApiClient.signIn(platform.url, accounts.adminEmail, accounts.adminPassword);
  const furniture = await furnish(admin);
  const ops = await openAccounts(admin, accounts, furniture);
  const integrator = await integratorOf(admin, accounts, dataDir);
  say(`${platform.url} is ready; ${fates.length} prescriptions set out\n`);
  const today = sendingDay();
  const sandbox = new SandboxClient(platform.sandboxUrl);
  const stage: Stage = {
    appUrl: platform.url,
    token: ops.token,
    ops: new Ops(ops),
    prescriber: new Prescriber(integrator, today),
    payer: new Payer(sandbox),
    sandbox,
    // Seconds: another run meets other people.
    orders: new Orders(Math.floor(Date.now() / 1000), today),
  };
  const progress = new Progress(
    process.stdout,
    fates.map(({ name }) => name),
  );
  const outcomes = await perform(stage, fates, speed, progress);
  say(`\n${outcomeTable(outcomes)}\n`);
  for (const { fate, wrong } of outcomes) for (const reason of wrong) say(`${fate.name}: ${reason}`);
  await openPatientAccountOf(outcomes, admin, accounts);
  say(`Look at\n${addressList([...pagesOf(platform), ...(await patientPages(stage, outcomes))])}\n`);
  say('Sign in (POST /api/auth/login, or /admin/queues in a browser)');
  say(addressList(signIns(accounts, process.env).map(({ email, password }) => [email, password])));
  return outcomes.every(({ wrong }) => wrong.length === 0) ? 0 : 1;
}

function pagesOf({ url, sandboxUrl }: DemoPlatform): Address[] {
  return [
    ['API and examples', `${url}/docs`],
    ['queues', `${url}/admin/queues`],
    ['health', `${url}/api/health/ready`],
    ['mailbox', `${sandboxUrl}/mailbox`],
    ['text messages', `${sandboxUrl}/sms`],
    ['vendor sandbox', sandboxUrl],
  ];
}

/** A parcel that arrived, and one enrollment left open for whoever reads this. */
async function patientPages(stage: Stage, outcomes: readonly Outcome[]): Promise<Address[]> {
  const arrived = outcomes.find(
    ({ wrong, trackingNumbers }) => wrong.length === 0 && trackingNumbers.length > 0,
  )?.story;
  const open = new Story(stage, stage.orders.next(drugs.lisinopril, 'NY'));
  await open.send({ format: 'json' });
  const { birthDate = '', address } = open.order.patient;
  const enrollment = await open.patient.enrollmentPage();
  open.end();
  return [
    ...(arrived === undefined ? [] : await arrivedPages(arrived)),
    ['enroll yourself', `${enrollment}  (born ${birthDate}, ZIP ${address?.zip ?? ''}, plan 610011, PCN DEMO)`],
  ];
}

async function arrivedPages(story: Story): Promise<Address[]> {
  return [
    ['timeline (with a token)', `${story.stage.appUrl}/api/prescriptions/${story.id}/timeline`],
    ['tracking page', await story.patient.trackingPage()],
  ];
}

async function openPatientAccountOf(
  [first]: readonly Outcome[],
  admin: ApiClient,
  accounts: KeptAccounts,
): Promise<void> {
  if (first?.story.isSent !== true) return;
  const { patientId } = await first.story.stage.ops.prescription(first.story.id);
  if (patientId !== null) await openPatientAccount(admin, accounts, patientId);
}

/** `fetch failed` alone helps nobody: what failed is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const { cause } = error;
  return cause instanceof Error && error.message === 'fetch failed'
    ? `${error.message}: ${cause.message}`
    : error.message;
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`demo: ${reasonOf(error)}\n`);
    process.exit(1);
  },
);
