import { normalizePhone, type Pharmacy } from '../directory/index.js';
import type { PostalAddress } from './gateways/label-gateway.port.js';

type Origin = Pick<Pharmacy, 'name' | 'street' | 'city' | 'state' | 'zip' | 'phone'>;

/**
 * The pharmacy as carriers want a sender named. USPS prints no label without the sender's email and phone: the email is ours, as a
 * pharmacy has none on file, and the phone the pharmacy's, or else that of a help line its patients may call.
 * @param helpLines the organization's own, if any, and ours: one of them may be an address in place of a number
 * @param mailFrom a mail's `From`: `Name <address>` or the address alone
 */
export function senderOf(
  { name, street, city, state, zip, phone }: Origin,
  helpLines: readonly (string | null)[],
  mailFrom: string,
): PostalAddress {
  const email = /([^\s<>"]+@[\w.-]+)>?\s*$/.exec(mailFrom)?.[1];
  return { name, line1: street, city, state, zip, phone: senderPhoneOf(phone, ...helpLines), email };
}

/** The first of them that can be dialled. */
export function senderPhoneOf(...phones: readonly (string | null)[]): string | undefined {
  return phones.map((phone) => (phone === null ? undefined : dialled(phone))).find((number) => number !== undefined);
}

/** Where it has letters after the area code (`1-800-FLOWERS`), they are keys of the phone. */
function dialled(text: string): string | undefined {
  const phone = normalizePhone(text);
  if (phone.kind === 'ok') return phone.e164;
  if (!/^\W*(?:1\W*)?\d{3}\W+[A-Z]/i.test(text)) return undefined;
  const digits = text.toLowerCase().replaceAll(/[a-z]/g, keyOf);
  const keyed = normalizePhone(digits);
  return keyed.kind === 'ok' ? keyed.e164 : undefined;
}

/** ITU-T E.161. */
const keys: readonly (readonly [key: string, letters: string])[] = [
  ['2', 'abc'],
  ['3', 'def'],
  ['4', 'ghi'],
  ['5', 'jkl'],
  ['6', 'mno'],
  ['7', 'pqrs'],
  ['8', 'tuv'],
  ['9', 'wxyz'],
];

function keyOf(letter: string): string {
  return keys.find(([, letters]) => letters.includes(letter))?.[0] ?? letter;
}
