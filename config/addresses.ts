import { isIPv4, isIPv6 } from 'node:net';

/** `198.51.100.7`, `198.51.100.0/24`, `2001:db8::/32`. */
export function isAddressOrNetwork(written: string): boolean {
  const [address = '', bits, ...rest] = written.split('/');
  if (rest.length > 0 || !(isIPv4(address) || isIPv6(address))) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128));
}
