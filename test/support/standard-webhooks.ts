import { webcrypto } from 'node:crypto';

/**
 * Whether one of the signatures is right, as the Standard Webhooks specification reads, with the browsers' cryptography: it
 * shares no line with the code under test. How old the message may be is the receiver's own concern and not looked at.
 */
export async function signedByStandard(
  { headers, body }: { headers: Readonly<Record<string, string | string[] | undefined>>; body: string },
  secret: string,
): Promise<boolean> {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`]),
  );
  const raw = Uint8Array.from(atob(secret.replace('whsec_', '')), (letter) => letter.charCodeAt(0));
  const key = await webcrypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  const content = new TextEncoder().encode(`${id ?? ''}.${timestamp ?? ''}.${body}`);
  const matches = (signatures ?? '').split(' ').map(async (signature) => {
    const [version, value = ''] = signature.split(',');
    const given = Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0));
    return version === 'v1' && (await webcrypto.subtle.verify('HMAC', key, given, content));
  });
  return (await Promise.all(matches)).includes(true);
}
