import { IdCursor, PageLimit, defaultPageLimit } from '../../../platform/http/index.js';

export const exampleId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57';
export const exampleInstant = '2026-11-21T01:28:00.000Z';

export class PageQuery {
  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}
