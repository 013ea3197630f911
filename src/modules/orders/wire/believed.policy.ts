import { isAhead } from '../../webhooks/index.js';
import { compact } from './fields.js';
import type { News } from './parts.js';

/**
 * News without the times that have not come yet: an order delivered in 2098 would stay so, and a subscription paused then would
 * be resumed by nobody. What has no time of its own happened when it was said.
 */
export function believed(news: News, receivedAt: Date): { news: News; doubted: boolean } {
  let doubted = false;
  const past = (at: string | undefined): string | undefined => {
    if (at === undefined || !isAhead(new Date(at), receivedAt)) return at;
    doubted = true;
    return undefined;
  };
  const { saidAt, ...said } = news;
  const when = compact({ saidAt: past(saidAt) });
  switch (said.kind) {
    case 'order': {
      const { placedAt, ...part } = said.part;
      const statuses = said.statuses.map(({ word, at }) => ({ word, ...compact({ at: past(at) }) }));
      const placed = compact({ placedAt: past(placedAt) });
      return { news: { ...said, ...when, statuses, part: { ...part, ...placed } }, doubted };
    }
    case 'subscription': {
      const { startedAt, ...rest } = said;
      const started = compact({ startedAt: past(startedAt) });
      return { news: { ...rest, ...started, ...when }, doubted };
    }
    case 'prescription':
      return { news: { ...said, ...when }, doubted };
  }
}
