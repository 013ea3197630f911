import { endingWords, orderWords, type OrderWord } from './wire/words.policy.js';

export interface StatusNews {
  /** Null: CarePortals said it. Else it is the word of this prescription's state. */
  prescriptionId: string | null;
  word: OrderWord;
  at: Date;
}

export interface OrderStanding {
  word: OrderWord;
  since: Date;
}

/**
 * Where an order stands after a set of reports: progress goes forward only, of endings the latest stands. A function of the
 * set, so neither order nor repetition of the reports matters. Several prescriptions of one order are as far as the last of
 * them that was not cancelled.
 */
export function standingOf(news: readonly StatusNews[]): OrderStanding | undefined {
  const speakers = [...new Set(news.map(({ prescriptionId }) => prescriptionId))];
  const standings = speakers.map((speaker) => ({
    prescriptionId: speaker,
    ...furthestOf(news.filter(({ prescriptionId }) => prescriptionId === speaker)),
  }));
  const theirs = standings.filter(({ prescriptionId }) => prescriptionId === null);
  const ours = standings.filter(({ prescriptionId }) => prescriptionId !== null);
  const going = ours.filter(({ word }) => word !== 'cancelled' && word !== 'refunded');
  const [slowest] = (going.length > 0 ? going : ours).toSorted((a, b) => rank(a.word) - rank(b.word) || later(a, b));
  const both = [...theirs, ...(slowest === undefined ? [] : [slowest])];
  if (both.length === 0) return undefined;
  const { word, since } = furthestOf(both.map((standing) => ({ word: standing.word, at: standing.since })));
  return { word, since };
}

function furthestOf(said: readonly Pick<StatusNews, 'word' | 'at'>[]): OrderStanding {
  const inOrder = said.toSorted((a, b) => a.at.getTime() - b.at.getTime() || rank(a.word) - rank(b.word));
  const ending = inOrder.findLast(({ word }) => endingWords.has(word));
  const furthest = inOrder.reduce((best, one) => (rank(one.word) > rank(best.word) ? one : best));
  const { word, at } = ending ?? furthest;
  return { word, since: at };
}

const rank = (word: OrderWord) => orderWords.indexOf(word);

function later(a: { since: Date }, b: { since: Date }): number {
  return b.since.getTime() - a.since.getTime();
}
