/**
 * What PostgreSQL's programs see instead of our environment: PGDATA, PGPORT, LANG and secrets of the shell must not reach them.
 * Windows needs its own variables (SystemRoot) to start anything.
 */
export const childEnvironment: Record<string, string> | undefined =
  process.platform === 'win32' ? undefined : { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
