import { Progress } from './progress.js';

function output(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, columns: 40, write: (text: string) => written.push(text) > 0 };
}

describe('Progress', () => {
  it('writes one plain line per move where nobody can redraw', () => {
    const out = output(false);
    const progress = new Progress(out, ['short', 'a longer name']);
    progress.say('short', 'validated');
    expect(out.written).toHaveLength(1);
    expect(out.written[0]).toMatch(/^ +\d+\.\d s {2}short {10}validated\n$/);
  });

  it('keeps one live line each on a terminal, none wider than it', () => {
    const out = output(true);
    const progress = new Progress(out, ['one', 'two']);
    progress.say('two', 'a very long state that would wrap around and spoil the picture');
    const last = out.written.at(-1) ?? '';
    expect(last.startsWith('\u001b[2A')).toBe(true);
    const lines = last.replaceAll(/\u001b\[\w+/g, '').split('\n');
    expect(lines).toHaveLength(3);
    expect(Math.max(...lines.map((line) => line.trimStart().length))).toBeLessThan(40);
  });
});
