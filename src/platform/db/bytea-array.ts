/** pg_type: bytea. */
const bytea = 17;
const int32 = 4;
const nothing = -1;

/**
 * A list of bytes as PostgreSQL's binary array (array_recv): dimensions, whether it holds NULL, type, length, first index, then
 * each item after its length. pg writes lists as text: every byte as two digits, which the server reads one by one.
 */
export function onTheWire<Value>(value: Value): Value | Buffer {
  return isListOfBytes(value) ? binary(value) : value;
}

type Bytes = readonly (Buffer | null)[];

function isListOfBytes(value: unknown): value is Bytes {
  return Array.isArray(value) && Buffer.isBuffer(value.find((item) => item !== null));
}

function binary(items: Bytes): Buffer {
  const head = [1, items.includes(null) ? 1 : 0, bytea, items.length, 1];
  return Buffer.concat([
    ...head.map(word),
    ...items.flatMap((item) => (item === null ? [word(nothing)] : [word(item.length), item])),
  ]);
}

function word(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(int32);
  bytes.writeInt32BE(value);
  return bytes;
}
