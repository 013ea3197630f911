import { maskedBody, maskedHeaders } from './redaction.policy.js';
import { linksOf, shownChanges } from './replay.policy.js';

const person = ['Ada', 'Quill', '1980-02-29', '+12025550143', 'ada@example.com'];
const silent = (value: unknown) => person.filter((word) => JSON.stringify(value).includes(word));

describe('what is shown of a body', () => {
  it.each<[string, string, string]>([
    [
      'JSON',
      'application/json',
      '{"patient":{"name":"Ada Quill","born":"1980-02-29","phones":["+12025550143"]},"n":7}',
    ],
    ['JSON with names for keys', 'application/json', '{"Ada Quill":{"ada@example.com":true}}'],
    ['a form', 'application/x-www-form-urlencoded', 'From=%2B12025550143&Body=Ada+Quill'],
    [
      'XML',
      'application/xml',
      '<patient email="ada@example.com"><name>Ada Quill</name><born>1980-02-29</born></patient>',
    ],
    ['anything else', 'text/plain', 'Ada Quill, 1980-02-29'],
  ])('is nothing of a person, whatever it is: %s', (_, type, text) => {
    expect(silent(maskedBody(Buffer.from(text), type))).toEqual([]);
  });

  it('is its structure', () => {
    expect(maskedBody(Buffer.from('{"status":{"current":"order_shipped"},"list":[1,null,false]}'), null)).toEqual({
      status: { current: '<text of 13>' },
      list: ['<number>', null, '<boolean>'],
    });
    expect(maskedBody(Buffer.from('<a><b/><b/></a>'), 'text/xml')).toEqual({ xml: { a: '<1 times>', b: '<2 times>' } });
    expect(maskedBody(Buffer.from('MessageStatus=sent'), 'application/x-www-form-urlencoded; charset=utf-8')).toEqual({
      MessageStatus: '<text of 4>',
    });
  });

  it('has an end, however deep or long the body is', () => {
    const deep = `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`;
    expect(JSON.stringify(maskedBody(Buffer.from(deep), null)).length).toBeLessThan(200);
    expect(maskedBody(Buffer.from(JSON.stringify(Array(1_000).fill(1))), null)).toHaveLength(21);
  });

  it('of headers is how it came, not who sent it', () => {
    expect(maskedHeaders({ 'content-type': 'text/xml', 'x-signature': 'abc', 'user-agent': 'Stripe/1.0' })).toEqual({
      'content-type': 'text/xml',
      'x-signature': '<text of 3>',
      'user-agent': 'Stripe/1.0',
    });
  });
});

describe('what is shown of a change', () => {
  it('is codes, times, numbers and ids, and of a person nothing', () => {
    const columns = [
      { column: 'state', from: 'processing', to: 'shipped' },
      { column: 'shipped_at', from: null, to: '2026-11-20T10:00:00+00:00' },
      { column: 'owed_cents', from: 1_000, to: 0 },
      { column: 'first_name', from: null, to: 'Ada' },
      { column: 'birth_date', from: null, to: '1980-02-29' },
      { column: 'phone_number', from: null, to: '+12025550143' },
      { column: 'email', from: null, to: 'ada@example.com' },
      { column: 'reason', from: null, to: 'Ada Quill' },
      { column: 'related', from: null, to: { name: 'Ada Quill' } },
    ];
    const shown = shownChanges([{ table: 'prescriptions', id: '1', change: 'updated', columns }]);
    expect(silent(shown)).toEqual([]);
    expect(shown.slice(0, 3).map(({ from, to }) => [from, to])).toEqual([
      ['processing', 'shipped'],
      [null, '2026-11-20T10:00:00+00:00'],
      ['1000', '0'],
    ]);
  });

  it('links to what it is about by ids of ours only', () => {
    const id = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57';
    expect(linksOf({ prescriptionId: id, orderId: '7771349652', constructor: id })).toEqual([
      `/api/prescriptions/${id}`,
    ]);
    expect(linksOf({ prescriptionId: '../users' })).toEqual([]);
  });
});
