import { differences } from './expected.js';
import type { Fate } from './fates/index.js';
import type { Progress } from './progress.js';
import { Story, type Stage } from './story.js';

export interface Outcome {
  fate: Fate;
  story: Story;
  /** Why it is not as expected; empty when it is. */
  wrong: readonly string[];
  owedCents: number | null;
  trackingNumbers: readonly string[];
}

/** Messages of the last step may still be on their way. */
const settleMs = 15_000;
const lookAgainMs = 250;

/**
 * Lives through all fates. First those that need time to stand still, then the others at once, with time running at
 * `speed` simulated seconds per second.
 */
export async function perform(
  stage: Stage,
  fates: readonly Fate[],
  speed: number,
  progress: Pick<Progress, 'say'>,
): Promise<Outcome[]> {
  const still = fates.filter(({ beforeTimeRuns }) => beforeTimeRuns === true);
  await stage.sandbox.setSpeed(0);
  const first = await liveAll(stage, still, progress);
  await stage.sandbox.setSpeed(speed);
  const others = await liveAll(
    stage,
    fates.filter((fate) => !still.includes(fate)),
    progress,
  );
  const lived = [...first, ...others];
  const outcomes = await Promise.all(lived.map((one) => judge(one, progress)));
  return outcomes.toSorted((a, b) => fates.indexOf(a.fate) - fates.indexOf(b.fate));
}

interface Lived {
  fate: Fate;
  story: Story;
  error?: string;
}

function liveAll(stage: Stage, fates: readonly Fate[], progress: Pick<Progress, 'say'>): Promise<Lived[]> {
  return Promise.all(fates.map((fate) => live(stage, fate, progress)));
}

async function live(stage: Stage, fate: Fate, progress: Pick<Progress, 'say'>): Promise<Lived> {
  const story = new Story(stage, fate.order(stage.orders), ({ to }) => progress.say(fate.name, to));
  try {
    await fate.live(story);
    return { fate, story };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'failed';
    progress.say(fate.name, `not as expected: ${reason}`);
    return { fate, story, error: reason };
  }
}

async function judge({ fate, story, error }: Lived, progress: Pick<Progress, 'say'>): Promise<Outcome> {
  const unknown = { owedCents: null, trackingNumbers: [] };
  try {
    const wrong = error === undefined ? await settled(story, fate) : await explained(story, error);
    if (wrong.length === 0) progress.say(fate.name, `${story.state}, as expected`);
    return { fate, story, wrong, ...(story.isSent ? await factsOf(story) : unknown) };
  } catch (failure) {
    return { fate, story, wrong: [failure instanceof Error ? failure.message : 'cannot be judged'], ...unknown };
  } finally {
    story.end();
  }
}

async function explained(story: Story, error: string): Promise<string[]> {
  const why = story.isSent ? await story.why() : 'it was never taken in';
  return error.includes(why) ? [error] : [error, `why: ${why}`];
}

async function factsOf({ id, stage: { ops } }: Story): Promise<Pick<Outcome, 'owedCents' | 'trackingNumbers'>> {
  const { owedCents } = await ops.prescription(id);
  return { owedCents, trackingNumbers: (await ops.parcels(id)).map(({ trackingNumber }) => trackingNumber) };
}

/** What is still missing may come; what is too much stays. */
async function settled(story: Story, fate: Fate): Promise<string[]> {
  const deadline = Date.now() + settleMs;
  for (;;) {
    const wrong = await differences(story, fate.expected);
    if (wrong.length === 0) return [];
    if (Date.now() > deadline) return [...wrong, `why: ${await story.why()}`];
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}
