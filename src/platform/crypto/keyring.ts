import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { randomBytesOf } from './random-pool.js';

/** Where a sealed value stands; part of what is authenticated, so a value cannot be moved to another row or column. */
export interface Place {
  table: string;
  column: string;
  row: string;
}

const formatVersion = 1;
const ivBytes = 12; // NIST SP 800-38D: 96-bit IVs for GCM
const tagBytes = 16;
const keyBytes = 32;

interface MasterKey {
  id: string;
  key: Buffer;
  /** What a value begins with that this key seals. */
  head: Buffer;
}

/**
 * Envelope encryption (AES-256-GCM) of fields and files. Each value has a data key of its own, wrapped by a master key: the
 * first seals, all of them open. A new one is added last in every process before it comes first in one.
 *
 * Layout: version(1) idLength(1) id wrapIv(12) wrapTag(16) wrappedKey(32) iv(12) tag(16) ciphertext
 */
export class Keyring {
  private readonly keys: readonly MasterKey[];

  /** @param dataKeys `id:base64(32 bytes)`, newest first, separated by commas */
  constructor(
    dataKeys: string,
    private readonly indexKey: Buffer,
  ) {
    this.keys = dataKeys.split(',').map((entry) => {
      const separator = entry.indexOf(':');
      const key = Buffer.from(entry.slice(separator + 1), 'base64');
      if (separator < 1 || key.length !== keyBytes) throw new Error('a data key is not id:base64 of 32 bytes');
      const id = entry.slice(0, separator);
      return { id, key, head: Buffer.concat([Buffer.from([formatVersion, id.length]), Buffer.from(id, 'ascii')]) };
    });
  }

  seal(place: Place, plaintext: Buffer | string): Buffer {
    const { id, key, head } = this.newest();
    const dataKey = randomBytesOf(keyBytes);
    return Buffer.concat([
      head,
      ...encrypted(key, aad(place, id), dataKey),
      ...encrypted(dataKey, aad(place, 'data'), plaintext),
    ]);
  }

  /** @throws Error when the value was changed, moved from its place, or its master key is not in the ring. */
  open(place: Place, sealed: Buffer): Buffer {
    const { dataKey, body } = this.unwrap(place, sealed);
    return decrypt(dataKey, aad(place, 'data'), body);
  }

  /** Whether the ring has the key of this value, and the value is the one that was sealed at this place. */
  opens(place: Place, sealed: Buffer): boolean {
    try {
      this.open(place, sealed);
      return true;
    } catch {
      return false;
    }
  }

  /** By its shape; says nothing of its key. */
  isSealed(value: Buffer): boolean {
    return value[0] === formatVersion && value.length > 2 + (value[1] ?? 0) + 2 * (ivBytes + tagBytes) + keyBytes;
  }

  openText(place: Place, sealed: Buffer): string {
    return this.open(place, sealed).toString('utf8');
  }

  /** A keyed digest for exact look-up of an encrypted value; `scope` keeps equal values of different fields apart. */
  blindIndex(scope: string, value: string): string {
    return createHmac('sha256', this.indexKey).update(`${scope}\u0000${value}`).digest('hex');
  }

  private newest(): MasterKey {
    const [first] = this.keys;
    if (first === undefined) throw new Error('the keyring is empty');
    return first;
  }

  private unwrap(place: Place, sealed: Buffer): { dataKey: Buffer; body: Buffer } {
    const id = keyIdOf(sealed);
    const master = this.keys.find((candidate) => candidate.id === id);
    if (master === undefined) throw new Error('the master key of this value is not in the ring');
    const start = 2 + id.length;
    const end = start + ivBytes + tagBytes + keyBytes;
    return { dataKey: decrypt(master.key, aad(place, id), sealed.subarray(start, end)), body: sealed.subarray(end) };
  }
}

function keyIdOf(sealed: Buffer): string {
  const length = sealed[1];
  if (sealed[0] !== formatVersion || length === undefined) throw new Error('this is not a sealed value');
  return sealed.subarray(2, 2 + length).toString('ascii');
}

function aad(place: Place, keyId: string): Buffer {
  return Buffer.from(`${place.table}|${place.column}|${place.row}|${keyId}`);
}

/** The parts of what `decrypt` takes. */
function encrypted(key: Buffer, associated: Buffer, plaintext: Buffer | string): [Buffer, Buffer, Buffer] {
  const iv = randomBytesOf(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(associated);
  const ciphertext = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext);
  cipher.final(); // GCM keeps nothing back
  return [iv, cipher.getAuthTag(), ciphertext];
}

function decrypt(key: Buffer, associated: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes })
    .setAAD(associated)
    .setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
}
