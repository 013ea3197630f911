import type { LookupAddress, LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** `dns.lookup`, asked for all addresses. */
export type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export const refusedCode = 'address-refused';

/**
 * Finds the addresses of a name for a connection that is about to be made, and fails when one of them is not allowed. The
 * connection goes to what is answered here: there is no second look-up that could answer something else (DNS rebinding).
 */
export function guardedLookup(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const problem = error ?? problemOf(addresses, isAllowed);
      const [first] = error === null ? addresses : [];
      if (problem !== undefined || first === undefined) done(problem ?? failed('ENOTFOUND'), [], undefined);
      else if (options.all === true) done(null, addresses, undefined);
      else done(null, first.address, first.family);
    });
  };
}

function problemOf(addresses: readonly LookupAddress[], isAllowed: (address: string) => boolean) {
  return addresses.every(({ address }) => isAllowed(address)) ? undefined : failed(refusedCode);
}

function failed(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
