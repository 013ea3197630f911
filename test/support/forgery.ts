import { dice } from './dice.js';

/** What a vendor signed rightly. */
export interface SignedMessage {
  raw: Buffer;
  /** Unix seconds, of the schemes that sign a time beside the body. */
  time?: string | undefined;
  /** Hex or base64. */
  signature: string;
}

const digits = '0123456789';
const hex = `${digits}abcdef`;
const base64 = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz${digits}+/`;

/** Draws changes of body, time or signature of a message; of each only one is changed, and it always means something else. */
export function forger(seed: number): (right: SignedMessage) => SignedMessage {
  const { below, oneOf } = dice(seed);

  /** One byte changed, added or left out. */
  function otherBytes(raw: Buffer): Buffer {
    const at = below(raw.length);
    const [before, after] = [raw.subarray(0, at), raw.subarray(at + 1)];
    const changed = Buffer.from([(raw[at] ?? 0) ^ (1 + below(255))]);
    const added = Buffer.from([below(256)]);
    return oneOf([
      Buffer.concat([before, changed, after]),
      Buffer.concat([raw.subarray(0, at), added, raw.subarray(at), Buffer.from(' ')]),
      Buffer.concat([before, after, Buffer.from('\n')]),
      Buffer.concat([raw, added]),
    ]);
  }

  function otherText(text: string, alphabet: string): string {
    const at = below(text.length);
    const others = alphabet.split('').filter((one) => one !== text.charAt(at));
    return `${text.slice(0, at)}${oneOf(others)}${text.slice(at + 1)}`;
  }

  return (right) => {
    const { raw, time, signature } = right;
    const alphabet = /^[0-9a-f]+$/.test(signature) ? hex : base64;
    return oneOf([
      () => ({ ...right, raw: otherBytes(raw) }),
      () => ({ ...right, signature: otherText(signature, alphabet) }),
      ...(time === undefined ? [] : [() => ({ ...right, time: otherText(time, digits) })]),
    ])();
  };
}
