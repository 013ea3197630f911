import { setTimeout as pause } from 'node:timers/promises';
import { Scope } from './scope.js';

describe('a scope', () => {
  it('holds for everything the work awaits, and for nobody else', async () => {
    const scope = new Scope<string>();
    const asked = (name: string) =>
      scope.run(name, async () => {
        await pause(2);
        const first = scope.current();
        await pause(2);
        return [first, scope.current()];
      });
    const answers = await Promise.all([asked('a'), asked('b'), asked('c')]);
    expect(answers).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ]);
    expect(scope.current()).toBeUndefined();
  });

  it('holds again after it rested, also while another one rests', async () => {
    const [scope, other] = [new Scope<string>(), new Scope<string>()];
    await scope.run('first', () => pause(1));
    const seen = await scope.run('second', async () => {
      await other.run('inner', () => pause(1));
      await pause(1);
      return [scope.current(), other.current()];
    });
    expect(seen).toEqual(['second', undefined]);
  });

  it('goes on for one while another one leaves', async () => {
    const scope = new Scope<string>();
    const long = scope.run('long', async () => {
      await pause(10);
      return scope.current();
    });
    await scope.run('short', () => pause(1));
    expect(await long).toBe('long');
  });

  it('leaves when the work fails, at once or later', async () => {
    const scope = new Scope<string>();
    const failing = () => {
      throw new Error('at once');
    };
    expect(() => scope.run('a', failing)).toThrow('at once');
    await expect(scope.run('a', () => Promise.reject(new Error('later')))).rejects.toThrow('later');
    expect(scope.current()).toBeUndefined();
    expect(await scope.run('b', async () => (await pause(1), scope.current()))).toBe('b');
  });

  it('takes nested work of the same value', async () => {
    const scope = new Scope<{ id: number }>();
    const value = { id: 1 };
    const inner = () => scope.run(value, async () => (await pause(1), scope.current()));
    expect(await scope.run(value, async () => [await inner(), scope.current()])).toEqual([value, value]);
  });
});
