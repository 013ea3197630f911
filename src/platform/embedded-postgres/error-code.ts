/**
 * The code of a system or PostgreSQL error. Not by `instanceof Error`: errors of Node's own modules belong to another realm when
 * the code runs inside a VM context (Jest).
 */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

const takenCodes: readonly unknown[] = ['EEXIST', 'ENOTEMPTY'];

/** For a rejected link or rename onto a name that somebody else filled first. */
export function unlessTaken(error: unknown): void {
  if (!takenCodes.includes(errorCode(error))) throw error;
}
