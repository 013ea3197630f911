import { randomFillSync } from 'node:crypto';

/** A call into the system's generator costs more than the encryption of a short field; one call fetches this much. */
const poolBytes = 8_192;

let pool = Buffer.alloc(0);

/** Random bytes for keys and IVs; each byte of the pool is handed out once. */
export function randomBytesOf(length: number): Buffer {
  if (pool.length < length) pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(poolBytes, length)));
  const taken = pool.subarray(0, length);
  pool = pool.subarray(length);
  return taken;
}
