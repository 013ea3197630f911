import { csvLine } from './index.js';

describe('a line of CSV', () => {
  it('quotes what would end a cell, and tells times, numbers and nothing plainly', () => {
    expect(csvLine(['a', 'b,c', 'say "x"', 'two\nlines', 7, -7, true, null, new Date(0)])).toBe(
      'a,"b,c","say ""x""","two\nlines",7,-7,true,,1970-01-01T00:00:00.000Z\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '=HYPERLINK("http://x","y")'])('makes %j text', (cell) => {
    expect(csvLine([cell])).toMatch(/^"?'/);
  });
});
