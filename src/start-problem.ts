const database = 'check DATABASE_URL and QUEUE_DATABASE_URL, that PostgreSQL runs, and that this machine may reach it';
/** By the code of Node or PostgreSQL. */
const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: database,
  ENOTFOUND: database,
  ETIMEDOUT: database,
  '28P01': 'check the password in the URL; roles of a new database are made by: npm run migrate -- --bootstrap',
  '28000': 'check the role in the URL; roles of a new database are made by: npm run migrate -- --bootstrap',
  '3D000': 'check the name of the database at the end of the URL, or create it',
  EADDRINUSE: 'another process has this port; end it, or set PORT to another',
  EACCES: 'this user may not listen there; set PORT to 1024 or above, or HOST to an address of this machine',
  EADDRNOTAVAIL: 'HOST is no address of this machine',
};

/** Why a process did not start, and what to do about it. */
export function startProblem(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'cannot start';
  const { message = '', code = '' } = error as { message?: string; code?: string };
  // What tried several addresses of one name has a code only.
  return [message === '' ? code : message, advice[code]].filter(Boolean).join('\n') || 'cannot start';
}
