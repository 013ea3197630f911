import type { WriteStream } from 'node:tty';

type Output = Pick<WriteStream, 'write'> & { isTTY?: boolean; columns?: number };

const up = (lines: number) => `\u001b[${lines}A`;
const clearLine = '\u001b[2K\r';

/** How far each prescription is: one live line each on a terminal, one plain line per move elsewhere. */
export class Progress {
  private readonly begunAt = Date.now();
  private readonly lines = new Map<string, string>();
  private drawn = 0;

  constructor(
    private readonly out: Output,
    names: readonly string[],
  ) {
    for (const name of names) this.lines.set(name, 'waits');
    if (this.isLive) this.draw();
  }

  say(name: string, what: string): void {
    this.lines.set(name, what);
    if (this.isLive) this.draw();
    else this.out.write(`${this.seconds().padStart(7)}  ${name.padEnd(this.width)}  ${what}\n`);
  }

  private get isLive(): boolean {
    return this.out.isTTY === true;
  }

  private get width(): number {
    return Math.max(...[...this.lines.keys()].map((name) => name.length));
  }

  private seconds(): string {
    return `${((Date.now() - this.begunAt) / 1000).toFixed(1)} s`;
  }

  private draw(): void {
    const columns = this.out.columns ?? 80;
    const text = [...this.lines].map(([name, what]) => `  ${name.padEnd(this.width)}  ${what}`.slice(0, columns - 1));
    this.out.write(`${this.drawn > 0 ? up(this.drawn) : ''}${text.map((line) => `${clearLine}${line}\n`).join('')}`);
    this.drawn = text.length;
  }
}
