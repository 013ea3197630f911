import { readOptions } from './options.js';

describe('the speed of the demo', () => {
  it.each([
    [[], {}, 43_200],
    [[], { SANDBOX_SPEED: '' }, 43_200],
    [[], { SANDBOX_SPEED: '600' }, 600],
    [['--speed', '86400'], { SANDBOX_SPEED: '600' }, 86_400],
  ])('with %j and %j is %d', (args, env, speed) => {
    expect(readOptions(args, env)).toEqual({ exit: false, speed });
  });

  it.each(['0', '-1', 'fast'])('is not %s', (speed) => {
    expect(() => readOptions([], { SANDBOX_SPEED: speed })).toThrow('SANDBOX_SPEED');
  });
});
