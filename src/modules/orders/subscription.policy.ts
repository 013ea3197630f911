import type { Resumer, SubscriptionFacts, SubscriptionWord } from './subscription.entity.js';

/** Once CarePortals said that a subscription was stopped. */
export interface Stop {
  word: SubscriptionWord;
  at: Date;
  digest: string;
  contactId: string | null;
  facts: SubscriptionFacts;
}

/** What stands after a set of stops: the latest one, with what only earlier ones told. Neither order nor repetition matters. */
export function stopOf(stops: readonly Stop[]): Stop | undefined {
  const inOrder = stops.toSorted(
    (a, b) =>
      a.at.getTime() - b.at.getTime() || rank(a) - rank(b) || (a.digest < b.digest ? -1 : Number(a.digest > b.digest)),
  );
  const latest = inOrder.at(-1);
  if (latest === undefined) return undefined;
  return {
    ...latest,
    contactId: inOrder.findLast(({ contactId }) => contactId !== null)?.contactId ?? null,
    facts: inOrder.reduce<SubscriptionFacts>((known, { facts }) => ({ ...known, ...facts }), {}),
  };
}

/** Of one instant a cancel outweighs a pause. */
const rank = ({ word }: Stop) => Number(word === 'cancelled');

/** Who resumed it first after it was stopped. A stop that comes later than both stands again. */
export function resumptionOf(
  stoppedAt: Date,
  after: Readonly<Record<Resumer, Date | null>>,
): { by: Resumer; at: Date } | undefined {
  return (['order', 'ops'] as const)
    .flatMap((by) => {
      const at = after[by];
      return at !== null && at > stoppedAt ? [{ by, at }] : [];
    })
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())[0];
}
