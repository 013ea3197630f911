import { isPassing, retryAfterMs } from './come-again.js';

describe('an answer that says to come again', () => {
  it.each([408, 409, 425, 429, 500, 503, 504])('is %i', (status) => {
    expect(isPassing(status)).toBe(true);
  });

  it.each([200, 307, 400, 401, 404, 422])('is not %i', (status) => {
    expect(isPassing(status)).toBe(false);
  });

  const now = new Date('2026-11-23T12:00:00Z');
  it.each([
    ['3', 3_000],
    ['0.5', 500],
    ['Mon, 23 Nov 2026 12:00:07 GMT', 7_000],
    ['86400', 600_000],
    ['Tue, 24 Nov 2026 12:00:00 GMT', 600_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['soon', undefined],
    [' ', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('says when by %p', (header, waitMs) => {
    expect(retryAfterMs(header, now)).toBe(waitMs);
  });
});
