import type { ListParams } from './stripe.params.js';

export interface StripeList<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

type Row = { id: string } & Partial<
  Record<'created' | 'payment_intent' | 'charge' | 'customer' | 'status' | 'type', unknown>
>;

const equalFilters = ['payment_intent', 'charge', 'customer', 'status', 'type'] as const;

/** Newest first, filtered, one page by cursor. `rows` come newest first. */
export function listOf<T extends Row>(rows: T[], params: ListParams, url: string): StripeList<T> {
  const wanted = rows.filter((row) => matches(row, params));
  const after = params.starting_after ? wanted.findIndex((row) => row.id === params.starting_after) + 1 : 0;
  const beforeAt = params.ending_before ? wanted.findIndex((row) => row.id === params.ending_before) : -1;
  if (beforeAt >= 0) {
    const start = Math.max(0, beforeAt - params.limit);
    return { object: 'list', data: wanted.slice(start, beforeAt), has_more: start > 0, url };
  }
  const data = wanted.slice(after, after + params.limit);
  return { object: 'list', data, has_more: wanted.length > after + params.limit, url };
}

function matches(row: Row, params: ListParams): boolean {
  const bounds = params.created as Record<string, number | undefined>;
  const created = Number(row.created ?? 0);
  const inTime =
    created > (bounds.gt ?? -Infinity) &&
    created >= (bounds.gte ?? -Infinity) &&
    created < (bounds.lt ?? Infinity) &&
    created <= (bounds.lte ?? Infinity);
  const equal = equalFilters.every((field) => params[field] === undefined || row[field] === params[field]);
  const typed = params.types === undefined || params.types.includes(String(row.type));
  return inTime && equal && typed;
}
