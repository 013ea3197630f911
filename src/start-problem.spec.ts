import { startProblem } from './start-problem.js';

const failed = (message: string, code?: string) => Object.assign(new Error(message), code !== undefined && { code });

describe('startProblem', () => {
  it.each([
    ['connect ECONNREFUSED 10.0.0.1:5432', 'ECONNREFUSED', 'DATABASE_URL'],
    ['password authentication failed for user "pharmonico_app"', '28P01', '--bootstrap'],
    ['listen EADDRINUSE: address already in use 127.0.0.1:3000', 'EADDRINUSE', 'PORT'],
  ])('says of "%s" what to do', (message, code, setting) => {
    const told = startProblem(failed(message, code));
    expect(told).toContain(message);
    expect(told).toContain(setting);
  });

  it('repeats what says it all by itself', () => {
    expect(startProblem(failed('3 setting(s) cannot be used'))).toBe('3 setting(s) cannot be used');
    expect(startProblem(undefined)).toBe('cannot start');
    expect(startProblem(failed(''))).toBe('cannot start');
  });

  it('names the code where there is no sentence, as for a name with several addresses', () => {
    expect(startProblem(failed('', 'ECONNREFUSED'))).toMatch(/^ECONNREFUSED\ncheck DATABASE_URL/);
  });
});
