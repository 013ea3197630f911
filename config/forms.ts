import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { isAddressOrNetwork } from './addresses.js';

/** The forms values of settings have, and what is said of a value that has another. */
export const text = z.string().trim().min(1);
export const urlOf = (...schemes: readonly string[]) =>
  z.url({
    protocol: new RegExp(`^(${schemes.join('|')})$`),
    error: `expected an address that begins with ${schemes[0] ?? ''}://`,
  });
export const url = urlOf('https', 'http');
/** Pages and their cookies know no path before their own. */
export const origin = url.refine((value) => /^[^/]*\/\/[^/?#]*\/?$/.test(value), {
  message: 'expected an address without a path, such as https://rx.example.com',
});
export const origins = text.refine((value) => value.split(',').every((one) => origin.safeParse(one.trim()).success), {
  message: 'expected addresses without a path such as https://desk.example.com, separated by commas',
});
export const databaseUrl = urlOf('postgres', 'postgresql');

/** The secrets of a rotating setting: the current one first, the one being retired after a comma. */
export function rotatingSecrets(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
}

/** What is secret of each `user:password`: all of it counts where there is no colon. */
export const passwordsOf = (value: string | undefined): string[] =>
  rotatingSecrets(value).map((pair) => pair.slice(pair.indexOf(':') + 1));

/** One of them may be on its way out; a comma alone is none. */
export const rotated = text.refine((value) => rotatingSecrets(value).length > 0, {
  message: 'expected at least one secret',
});
export const rotatedOf = (shortest: number) =>
  rotated.refine((value) => rotatingSecrets(value).every(({ length }) => length >= shortest), {
    message: `expected secrets of at least ${shortest} characters`,
  });
export const addresses = text.refine((value) => value.split(',').every((one) => isAddressOrNetwork(one.trim())), {
  message: 'expected IP addresses or networks such as 198.51.100.0/24, separated by commas',
});
export const number = () => z.coerce.number({ error: 'expected a number' });
export const count = (fallback: number, min = 1) => number().int().min(min).default(fallback);
export const flag = (fallback: 'true' | 'false') => z.enum(['true', 'false']).default(fallback);
export const list = <const T extends readonly [string, ...string[]]>(values: T) =>
  z
    .string()
    .transform((value) => [...new Set(value.split(',').map((part) => part.trim()))])
    .pipe(z.array(z.enum(values)).min(1));

const clockedStatuses = ['sent', 'received', 'processing', 'ready'] as const;
/** `sent=4,received=8`: a table in one line. */
export const clocks = z
  .string()
  .transform(
    (value) =>
      Object.fromEntries(value.split(',').map((part) => part.split('=').map((word) => word.trim()))) as unknown,
  )
  .pipe(z.partialRecord(z.enum(clockedStatuses), z.coerce.number().positive().max(1_000)));

const careportalsEntry = /^\s*([\w.-]{1,40}):([^:=;]{1,120})=([^;]+)$/;

/** `glow:Glow Health=secret,old-secret;bloom:…`: who may call as which CarePortals organization, and whose orders those are. */
export const careportalsSources = z
  .string()
  .transform((value, context) =>
    value
      .split(';')
      .filter((entry) => entry.trim() !== '')
      .map((entry, at) => {
        const [, code = '', organization = '', secrets = ''] = careportalsEntry.exec(entry) ?? [];
        if (code === '') {
          context.addIssue({ code: 'custom', message: `entry ${at + 1} is not code:organization=secret` });
        }
        const listed = secrets.split(',').map((secret) => secret.trim());
        return { code, organization: organization.trim(), secrets: listed.filter((secret) => secret !== '') };
      }),
  )
  .superRefine((sources, context) => {
    const twice = (values: readonly string[]) => new Set(values).size < values.length;
    const problems: [boolean, string][] = [
      [twice(sources.map(({ code }) => code)), 'a code is given twice'],
      [
        twice(sources.flatMap(({ secrets }) => secrets)),
        'a secret is given twice, so it could not tell two sources apart',
      ],
      [sources.some(({ secrets }) => secrets.length === 0), 'an entry has no secret'],
    ];
    for (const [, message] of problems.filter(([found]) => found)) context.addIssue({ code: 'custom', message });
  });

const fewestRsaBits = 2048; // NIST SP 800-131A

/** RSA private keys as PEM, each in base64, several apart by commas. */
export const rsaKeys = z.string().transform((value, context) =>
  value.split(',').map((part, at) => {
    const pem = Buffer.from(part.trim(), 'base64').toString('utf8');
    if (rsaBits(pem) < fewestRsaBits) {
      context.addIssue({ code: 'custom', message: `key ${at + 1} is not an RSA key of ${fewestRsaBits} bits or more` });
    }
    return pem;
  }),
);

function rsaBits(pem: string): number {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === 'rsa' ? (key.asymmetricKeyDetails?.modulusLength ?? 0) : 0;
  } catch {
    return 0;
  }
}
