import { fixture, itWithFixtures, jsonFixture } from '../../../test/conformance/fixtures.js';
import { mostParts, readLifefileBody, readLifefilePart } from './lifefile-body.js';
import { knownWords, meaningOf } from './lifefile-words.js';
import { isRecent, lifefileDedupeKey, timeOf } from './lifefile.policy.js';

const item = (over: object = {}) => ({
  fillId: '100482',
  rxNumber: '66692847',
  foreignRxNumber: null,
  orderId: '7771349652',
  referenceId: null,
  practiceId: '11157',
  rxStatus: ' Shipping ',
  rxStatusDateTime: '2026-11-20T15:42:33',
  deliveryService: 'UPS NEXT DAY SAVER - HOME',
  shipCarrier: 'EASYPOST',
  trackingNumber: '1Z999AA1234567890',
  ...over,
});
const read = (body: unknown) => readLifefileBody(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
const codeOf = (body: string) => {
  try {
    read(body);
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
};

describe('a body of a pharmacy', () => {
  it.each([
    ['a bare object', item()],
    ['an array', [item()]],
    ['an array in an array', [[item()]]],
    [
      'XML',
      '<?xml version="1.0"?><root><rx><orderId>7771349652</orderId><fillId>100482</fillId><rxNumber>66692847</rxNumber>' +
        '<practiceId>11157</practiceId><rxStatus> Shipping </rxStatus><rxStatusDateTime>2026-11-20T15:42:33</rxStatusDateTime>' +
        '<deliveryService>UPS NEXT DAY SAVER - HOME</deliveryService><shipCarrier>EASYPOST</shipCarrier>' +
        '<trackingNumber>1Z999AA1234567890</trackingNumber></rx></root>',
    ],
    [
      'XML with attributes and capitals',
      '<Rx OrderId="7771349652" FillId="100482" RxNumber="66692847" PracticeId="11157" RxStatus="SHIPPING" ' +
        'RxStatusDateTime="2026-11-20T15:42:33" DeliveryService="UPS NEXT DAY SAVER" TrackingNumber="1Z999AA1234567890"/>',
    ],
    [
      'XML with attributes around a word',
      '<Rx OrderId="7771349652" FillId="100482" RxNumber="66692847" PracticeId="11157" RxStatus="Shipping" ' +
        'RxStatusDateTime="2026-11-20T15:42:33" DeliveryService="UPS NEXT DAY SAVER" TrackingNumber="1Z999AA1234567890">Rx</Rx>',
    ],
    [
      'XML that says null and types as XML does',
      '<rx xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><orderId i:type="string">7771349652</orderId>' +
        '<foreignRxNumber i:nil="true"/><referenceId xsi:nil="true" xmlns="urn:x"/><fillId>100482</fillId>' +
        '<rxNumber>66692847</rxNumber><practiceId>11157</practiceId><rxStatus code="7">Shipping</rxStatus>' +
        '<rxStatusDateTime type="local">2026-11-20T15:42:33</rxStatusDateTime><shipCarrier>UPS</shipCarrier>' +
        '<trackingNumber>1Z999AA1234567890</trackingNumber></rx>',
    ],
  ])('is read the same as %s', (_, body) => {
    const [part, ...others] = read(body);
    expect(others).toEqual([]);
    expect(part?.update).toMatchObject({
      word: 'shipping',
      changedAt: '2026-11-20T15:42:33',
      practiceId: '11157',
      names: { orderId: '7771349652', fillId: '100482', rxNumber: '66692847' },
      tracking: { numbers: ['1Z999AA1234567890'], carrier: 'ups' },
    });
    expect(part?.raw.toString()).toBe(typeof body === 'string' ? body : JSON.stringify(body));
  });

  it('is one event per prescription, each with the bytes that speak of it', () => {
    const bodies = ['1', '2', '3'].map((fillId) => item({ fillId, note: `"}{[ ${fillId}` }));
    const text = JSON.stringify([[bodies[0]], bodies[1], [[bodies[2]]]], null, 2);
    const parts = read(text);
    expect(parts.map(({ update }) => update?.names.fillId)).toEqual(['1', '2', '3']);
    parts.forEach(({ raw, update }, index) => {
      expect(JSON.parse(raw.toString())).toEqual(bodies[index]);
      expect(text).toContain(raw.toString());
      expect(readLifefilePart(raw)).toEqual(update);
    });
  });

  it('as XML is one event per prescription too, each readable by itself', () => {
    const rx = (id: string) =>
      `<prescription note="a &lt; b"><orderId>${id}</orderId><fillId xsi:nil="true"/><rxNumber>9</rxNumber><rxStatus code="7">Delivered</rxStatus></prescription>`;
    const parts = read(`<push><list>${rx('A')}${rx('B &amp; C')}</list></push>`);
    expect(parts.map(({ update }) => update?.names.orderId)).toEqual(['A', 'B & C']);
    for (const { raw, update } of parts) expect(readLifefilePart(raw)).toEqual(update);
  });

  it('as XML keeps the item it cannot read beside those it can', () => {
    const rx = (id: string, word: string) =>
      `<rx><orderId>${id}</orderId><rxNumber>9</rxNumber><rxStatus>${word}</rxStatus></rx>`;
    const parts = read(`<push><sender><name>P</name></sender>${rx('A', 'Delivered')}${rx('B', '')}</push>`);
    expect(parts.map(({ update }) => update?.names.orderId)).toEqual(['A', undefined]);
    expect(parts[1]?.raw.toString()).toContain('<orderId>B</orderId>');
    for (const { raw, update } of parts) expect(readLifefilePart(raw)).toEqual(update);
  });

  it('may be the documented object as XML', () => {
    const [part] = read(
      '<event><eventType>prescription.status.update</eventType><prescription><rxNumber>1</rxNumber><orderId>2</orderId></prescription>' +
        '<status><current>order_processing</current><previous/></status><tracking/></event>',
    );
    expect(part?.update).toMatchObject({ word: 'order_processing', previous: undefined, names: { orderId: '2' } });
  });

  it.each([
    ['an empty array', '[]'],
    ['an item that is no object', '[7,{"rxStatus":"Shipping"}]'],
    ['an object of another kind', '{"hello":"world"}'],
    ['an empty element', '<rx/>'],
    ['a status that is no text', '{"rxStatus":{"a":1}}'],
    ['a number longer than any', JSON.stringify({ rxStatus: 'Shipping', orderId: 'x'.repeat(201) })],
    ['a character PostgreSQL cannot hold', '{"rxStatus":"Shipping","orderId":"a\\u0000b"}'],
  ])('nobody documented is kept whole: %s', (_, body) => {
    expect(read(body)).toEqual([{ raw: Buffer.from(body), update: undefined }]);
  });

  it.each([
    ['nothing', ''],
    ['half an object', '{"rxStatus":'],
    ['a prototype', '{"__proto__":{"rxStatus":"Shipping"}}'],
    ['a document type', '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'],
    ['half an element', '<rx><rxStatus>'],
    ['lists nested without end', '['.repeat(100) + ']'.repeat(100)],
    ['elements nested without end', '<a>'.repeat(100) + '</a>'.repeat(100)],
  ])('is refused when it holds %s', (_, body) => {
    expect(codeOf(body)).toBe('lifefile.body-unreadable');
  });

  it('speaks of a limited number of prescriptions', () => {
    const many = (count: number) =>
      JSON.stringify(Array.from({ length: count }, (_, fillId) => ({ rxStatus: 'x', fillId })));
    expect(read(many(mostParts))).toHaveLength(mostParts);
    expect(codeOf(many(mostParts + 1))).toBe('lifefile.too-many-parts');
  });

  it('names two parcels of one second as two events, and a repeat as one', () => {
    const keyOf = (over: object) => lifefileDedupeKey(read(item(over))[0]?.update);
    expect(keyOf({})).toBe('7771349652+100482+66692847+shipping+2026-11-20T15:42:33+1Z999AA1234567890');
    expect(keyOf({ rxStatus: 'SHIPPING', patientEmail: 'x@example.com' })).toBe(keyOf({}));
    expect(keyOf({ trackingNumber: '1Z999AA1234567891' })).not.toBe(keyOf({}));
    expect(keyOf({ rxStatusDateTime: null })).toBeUndefined();
    expect(read(item({ trackingNumber: '1Z1, 1Z2;1Z3' }))[0]?.update?.tracking?.numbers).toEqual(['1Z1', '1Z2', '1Z3']);
    const written = read(item({ trackingNumber: '9400 1118 9922, 1z999-aa1, -' }))[0]?.update?.tracking;
    expect(written?.numbers).toEqual(['940011189922', '1Z999AA1']);
  });

  it('names two prescriptions of one order as two events, also where only our numbers tell them apart', () => {
    const unnamed = { fillId: null, rxNumber: '', trackingNumber: null };
    const keysOf = (...overs: object[]) =>
      read(overs.map((over) => item({ ...unnamed, ...over }))).map(({ update }) => lifefileDedupeKey(update));
    const keys = keysOf(
      { foreignRxNumber: '12' },
      { foreignRxNumber: '13' },
      { referenceId: 'a' },
      { referenceId: 'b' },
    );
    expect(new Set(keys).size).toBe(4);
    expect(keysOf({ foreignRxNumber: '12' })).toEqual(keys.slice(0, 1));
    expect(keysOf({})).toEqual(['7771349652+++shipping+2026-11-20T15:42:33']);
  });

  itWithFixtures('is read as real pharmacies send it', () => {
    for (const name of ['push_shipping_array_json.json', 'push_vios_doc_example.json']) {
      const raw = fixture(`lifefile/${name}`);
      const [part] = readLifefileBody(raw);
      expect(part?.raw).toEqual(raw);
      expect(part?.update).toMatchObject({ word: 'shipping', tracking: { carrier: 'ups' } });
    }
  });
});

describe('a word', () => {
  itWithFixtures('that was seen in public has a meaning here, and so have the documented ones', () => {
    const seen = jsonFixture('lifefile/rx_status_values.json') as { observed: object; seedDocValues: string[] };
    const words = [...Object.keys(seen.observed), ...seen.seedDocValues].map((word) => word.toLowerCase());
    expect(words.filter((word) => meaningOf(word) === undefined)).toEqual([]);
    expect(knownWords).toEqual(expect.arrayContaining(words));
  });

  it('nobody knows means nothing, not even one that every object has', () => {
    expect([meaningOf('lost at sea'), meaningOf('constructor'), meaningOf('__proto__')]).toEqual(
      Array(3).fill(undefined),
    );
  });
});

describe('a time', () => {
  const received = new Date('2026-11-20T12:00:00Z');

  it('without an offset is the pharmacy’s, also on the days the clocks change', () => {
    expect(timeOf('2026-11-20T07:29:34', 'America/Chicago')?.toISOString()).toBe('2026-11-20T13:29:34.000Z');
    expect(timeOf('2026-11-20 07:29:34', 'America/Chicago')?.toISOString()).toBe('2026-11-20T13:29:34.000Z');
    expect(timeOf('2026-11-20T07:29:34Z', 'America/Chicago')?.toISOString()).toBe('2026-11-20T07:29:34.000Z');
    expect(timeOf('2026-03-08T02:30:00', 'America/Chicago')?.toISOString()).toBe('2026-03-08T08:30:00.000Z');
    expect(timeOf('noon', 'America/Chicago')).toBeUndefined();
  });

  it.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-11-22T00:00:00Z', '1970-01-01T00:00:00Z'])(
    'such as %s is not believed',
    (written) => expect(isRecent(timeOf(written, 'UTC') ?? received, received)).toBe(false),
  );

  it('of a clock in the wrong zone, and of last year, is', () => {
    expect(isRecent(new Date('2026-11-21T02:00:00Z'), received)).toBe(true);
    expect(isRecent(new Date('2025-09-30T07:29:34Z'), received)).toBe(true);
  });
});
