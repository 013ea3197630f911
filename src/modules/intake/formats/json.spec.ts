import fc from 'fast-check';
import { anOrder, orders } from '../../../../test/conformance/orders.arbitrary.js';
import { FormatError } from './format-error.js';
import { parseJsonIntake } from './json.js';

function refusal(body: unknown): FormatError {
  try {
    parseJsonIntake(body);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error('the body was accepted');
}

describe('parseJsonIntake', () => {
  it('gives back the order, the path and the metadata', () => {
    fc.assert(
      fc.property(orders(), (order) => {
        const metadata = { cart: { id: 7, note: '' } };
        const body: unknown = JSON.parse(JSON.stringify({ ...order, path: 'cash', metadata }));
        expect(parseJsonIntake(body)).toEqual({ order, path: 'cash', metadata });
      }),
    );
  });

  it('normalises phones and dates it can read and keeps the others as received', () => {
    const order = anOrder({
      patient: { phone: '(512) 555-0100', birthDate: '12/25/1954' },
      prescriber: { phone: '+1234567890' },
    });
    const read = parseJsonIntake({ ...order, writtenDate: 'soon' }).order;
    expect(read.patient).toMatchObject({ phone: '+15125550100', birthDate: '1954-12-25' });
    expect(read.prescriber.phone).toBe('+1234567890');
    expect(read.writtenDate).toBe('soon');
  });

  it('takes the moment it was sent with its offset, and none without', () => {
    expect(parseJsonIntake({ ...anOrder(), sentAt: '2026-11-20T10:00:00-0500' }).order.sentAt).toBe(
      '2026-11-20T15:00:00.000Z',
    );
    const { issues } = refusal({ ...anOrder(), sentAt: '2026-11-20T10:00:00' });
    expect(issues.map(({ pointer, code }) => [pointer, code])).toEqual([['/sentAt', 'invalid_value']]);
  });

  it('takes a blank field for an absent one', () => {
    const order = anOrder({ patient: { middleName: '  ', email: '' } });
    expect(parseJsonIntake(order).order.patient).not.toHaveProperty('middleName');
    expect(parseJsonIntake(order).order.patient).not.toHaveProperty('email');
  });

  it('names every fault by its pointer', () => {
    const error = refusal({
      patient: { firstName: 7, ssn: '123-45-6789', lastName: 'x'.repeat(71) },
      medication: { quantity: '30', refills: 1.5, schedule: 'I', substitutions: 2 },
      'a/b': 1,
    });
    expect(error.code).toBe('intake.order-invalid');
    expect(error.issues.map(({ pointer, code }) => `${pointer} ${code}`).toSorted()).toEqual(
      [
        '/a~1b unrecognized_keys',
        '/medication/quantity invalid_type',
        '/medication/refills invalid_type',
        '/medication/schedule invalid_value',
        '/medication/substitutions invalid_value',
        '/patient/firstName invalid_type',
        '/patient/lastName too_big',
        '/patient/ssn unrecognized_keys',
        '/prescriber required',
      ].toSorted(),
    );
  });

  it('never repeats a value', () => {
    const error = refusal({
      ...anOrder({ patient: { firstName: 'SECRET\u0000' } }),
      path: 'SECRET',
      writtenDate: 'SECRET'.repeat(20),
    });
    expect(error.issues).toHaveLength(3);
    expect(JSON.stringify([error.issues, error.message])).not.toContain('SECRET');
  });

  it.each([null, undefined, 7, 'text', [], true])('refuses %j', (body) => {
    expect(refusal(body).code).toBe('intake.json-not-object');
  });

  it.each([
    ['too_big', { a: 'x'.repeat(16 * 1024) }],
    ['control_character', { a: ['\u0000'] }],
    ['control_character', { 'a\uD800': 1 }],
    ['too_deep', JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`)],
    ['too_deep', JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)],
    ['invalid_type', 'text'],
  ])('refuses metadata that is %s', (code, metadata: unknown) => {
    expect(refusal({ ...anOrder(), metadata }).issues).toMatchObject([{ pointer: '/metadata', code }]);
  });

  it('lets no prototype in', () => {
    const body: unknown = JSON.parse(
      `{"__proto__": {"admin": true}, "patient": {"__proto__": {"a": 1}}, "constructor": 1}`,
    );
    expect(refusal(body).issues.map((issue) => issue.pointer)).toEqual(
      expect.arrayContaining(['/__proto__', '/constructor']),
    );
    expect({}).not.toHaveProperty('admin');
  });

  it('raises nothing but FormatError, whatever the value', () => {
    const deep: unknown = JSON.parse(`${'{"patient":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    expect(refusal(deep)).toBeInstanceOf(FormatError);
    const broken = fc.record(
      {
        patient: fc.jsonValue(),
        prescriber: fc.jsonValue(),
        medication: fc.jsonValue(),
        metadata: fc.jsonValue(),
        path: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), broken), (body) => {
        try {
          parseJsonIntake(body);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
