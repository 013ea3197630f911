import { loadConfig } from '../../config/index.js';
import { Ops } from '../../src/demo/actors/ops.js';
import { Payer } from '../../src/demo/actors/payer.js';
import { Prescriber } from '../../src/demo/actors/prescriber.js';
import { ApiClient } from '../../src/demo/client.js';
import { differences, type Expected } from '../../src/demo/expected.js';
import { fateOf } from '../../src/demo/fates/index.js';
import { furnish } from '../../src/demo/furnish.js';
import { sendingDay } from '../../src/demo/generate/index.js';
import { Orders } from '../../src/demo/orders.js';
import { SandboxClient } from '../../src/demo/sandbox-client.js';
import { Story, type Stage } from '../../src/demo/story.js';
import { ensureFirstAccount } from '../../src/first-account.js';
import { startTestApp, type TestApp, type TestAppOptions } from './app.js';

/** The whole product with pharmacies, drugs and people, for stories over HTTP. */
export interface TestStage extends Stage {
  app: TestApp;
  admin: ApiClient;
  /** What the administrator types to sign in. */
  credentials: { email: string; password: string };
  /** Lives through a fate of the demo. */
  live(name: string): Promise<Story>;
  /** What differs from the expectation once everything has settled; nothing when all is well. */
  difference(story: Story, expected: Expected): Promise<string[]>;
  stop(): Promise<void>;
}

const settleMs = 45_000;
/** A parcel of four days arrives within four seconds. */
const quick = 86_400;

export async function startStage(options: TestAppOptions = {}): Promise<TestStage> {
  const app = await startTestApp({ sandboxSpeed: quick, ...options });
  const account = await ensureFirstAccount(app.app, loadConfig({}));
  const credentials = { email: account?.email ?? '', password: account?.generatedPassword ?? '' };
  const admin = await ApiClient.signIn(app.url, credentials.email, credentials.password);
  await furnish(admin);
  const sandbox = new SandboxClient(app.sandbox?.url ?? '');
  const today = sendingDay();
  const stage: Stage = {
    appUrl: app.url,
    token: admin.token,
    ops: new Ops(admin),
    prescriber: new Prescriber(admin, today),
    payer: new Payer(sandbox),
    sandbox,
    orders: new Orders(1, today),
  };
  const stories: Story[] = [];
  return {
    ...stage,
    app,
    admin,
    credentials,
    live: async (name) => {
      const fate = fateOf(name);
      const story = new Story(stage, fate.order(stage.orders));
      stories.push(story);
      await fate.live(story);
      return story;
    },
    difference: (story, expected) => settled(story, expected),
    stop: async () => {
      for (const story of stories) story.end();
      await app.stop();
    },
  };
}

async function settled(story: Story, expected: Expected): Promise<string[]> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const wrong = await differences(story, expected);
    if (wrong.length === 0 || Date.now() > deadline) return wrong;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
