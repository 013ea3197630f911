import fc from 'fast-check';
import { FormatError } from './format-error.js';
import {
  buildCancelRx,
  buildCancelRxResponse,
  buildError,
  buildNewRx,
  buildStatus,
  parseScript,
  ScriptError,
} from './script.js';
import { anOrder, orders } from '../../../../test/conformance/orders.arbitrary.js';
import { parseXml } from './xml.js';

const envelope = {
  from: { id: '1234567890123', qualifier: 'D' },
  to: { id: '1234567', qualifier: 'P' },
  sentTime: new Date('2026-05-26T06:20:35Z'),
};

function newRx(body: string, header = '', attributes = 'version="2017071"'): string {
  return `<Message ${attributes}><Header>${header}</Header><Body><NewRx>${body}</NewRx></Body></Message>`;
}

function refusal(input: Uint8Array | string): FormatError {
  try {
    parseScript(input);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error('the message was accepted');
}

describe('parseScript', () => {
  it.each([
    ['version="2017071"', '2017071'],
    ['TransactionVersion="20170715"', '2017071'],
    ['version="2023011"', '2023011'],
    ['TransactionVersion="20230115"', '2023011'],
  ])('reads %s as %s', (attributes, version) => {
    const message = parseScript(newRx('', '', attributes));
    expect(message.version).toBe(version);
    expect(message.versionWarning).toBeUndefined();
  });

  it('reads a message without a version and says so', () => {
    const message = parseScript(newRx('', '', ''));
    expect(message.version).toBe('2017071');
    expect(message.versionWarning).toContain('no SCRIPT version');
  });

  it.each(['10.6', '10_6', '2019071', '8.1'])('refuses version %s, and can still address its answer', (version) => {
    const error = refusal(newRx('', '<From Qualifier="D">77</From><MessageID>m1</MessageID>', `version="${version}"`));
    expect(error.code).toBe('intake.script-version');
    expect(error).toBeInstanceOf(ScriptError);
    expect(error instanceof ScriptError && error.envelope.from).toEqual({ id: '77', qualifier: 'D' });
  });

  it.each([
    ['2026-07-17T17:31:00.000Z', '2026-07-17T17:31:00.000Z'],
    ['2026-07-17T17:31:35.5304856Z', '2026-07-17T17:31:35.530Z'],
    ['2026-07-17T12:31:00-05:00', '2026-07-17T17:31:00.000Z'],
    ['2026-07-17T12:31:00-0500', '2026-07-17T17:31:00.000Z'],
  ])('reads SentTime %s as %s', (sent, utc) => {
    expect(parseScript(newRx('', `<SentTime>${sent}</SentTime>`)).sentTime).toBe(utc);
  });

  it.each(['2026-07-17', '2026-07-17T17:31:00', '2026-02-30T10:00:00Z', '2026-07-17T25:00:00Z', 'yesterday'])(
    'refuses SentTime %s',
    (sent) => expect(refusal(newRx('', `<SentTime>${sent}</SentTime>`)).code).toBe('intake.script-sent-time'),
  );

  it.each([
    ['<Date>2026-05-26</Date>', '2026-05-26'],
    ['<DateTime>2026-05-26T23:30:00-05:00</DateTime>', '2026-05-26'],
    ['<Date>20260526</Date>', '2026-05-26'],
    ['20260526', '2026-05-26'],
    ['<DateTime>2026-05-26T23:30:00</DateTime>', '2026-05-26T23:30:00'],
    ['<Date>2026-02-30</Date>', '2026-02-30'],
    ['<Date>last week</Date>', 'last week'],
  ])('reads the written date %s as %s', (xml, date) => {
    const { order } = parseScript(
      newRx(`<MedicationPrescribed><WrittenDate>${xml}</WrittenDate></MedicationPrescribed>`),
    );
    expect(order?.writtenDate).toBe(date);
  });

  it.each([
    ['<ProductCode><Code>00023601160</Code><Qualifier>ND</Qualifier></ProductCode>', '00023601160'],
    ['<ProductCode Qualifier="ND">00023601160</ProductCode>', '00023601160'],
    ['<ProductCode>00023601160</ProductCode><ProductCodeQualifier>ND</ProductCodeQualifier>', '00023601160'],
    ['<NDC>00023-6011-60</NDC>', '00023-6011-60'],
    ['<ProductCode Qualifier="UP">00023601160</ProductCode>', undefined],
  ])('reads the NDC of %s', (coded, ndc) => {
    const { order } = parseScript(
      newRx(`<MedicationPrescribed><DrugCoded>${coded}</DrugCoded></MedicationPrescribed>`),
    );
    expect(order?.medication.ndc).toBe(ndc);
  });

  it.each([
    ['C48675', 'II'],
    ['C48676', 'III'],
    ['C48677', 'IV'],
    ['C48679', 'V'],
    ['C-IV', 'IV'],
    ['SCHEDULE II', 'II'],
    ['C48672', undefined],
    ['C38046', undefined],
  ])('reads schedule code %s as %s and keeps the code', (scheduleCode, schedule) => {
    const coded = `<DrugCoded><DEASchedule><Code>${scheduleCode}</Code></DEASchedule></DrugCoded>`;
    const { order } = parseScript(newRx(`<MedicationPrescribed>${coded}</MedicationPrescribed>`));
    expect(order?.medication).toEqual({ scheduleCode, ...(schedule && { schedule }) });
  });

  describe('of a compound', () => {
    const ingredient = (code?: string) => {
      const schedule = code === undefined ? '' : `<DEASchedule><Code>${code}</Code></DEASchedule>`;
      const item = `<CompoundIngredientItemDescription>Anything</CompoundIngredientItemDescription>`;
      return `<CompoundIngredientsLotNotUsed><CompoundIngredient>${item}${schedule}</CompoundIngredient></CompoundIngredientsLotNotUsed>`;
    };
    const compound = (ingredients: string, own = '') =>
      parseScript(
        newRx(
          `<MedicationPrescribed><DrugDescription>Cream</DrugDescription>${own}<CompoundInformation>${ingredients}</CompoundInformation></MedicationPrescribed>`,
        ),
      ).order?.medication;

    it.each([
      [ingredient(), {}],
      [ingredient('C38046'), { scheduleCode: 'C38046' }],
      [ingredient() + ingredient('C48677') + ingredient('C48676'), { schedule: 'III', scheduleCode: 'C48676' }],
      [ingredient('C48675') + ingredient('C48672'), { scheduleCode: 'C48672' }],
      [ingredient('C38046') + ingredient('narcotic'), { scheduleCode: 'narcotic' }],
    ])('reads %s as its strictest ingredient', (ingredients, schedule) => {
      expect(compound(ingredients)).toEqual({ description: 'Cream', compound: true, ...schedule });
    });

    it('minds the schedule of the whole too', () => {
      const own = '<DrugCoded><DEASchedule><Code>C48675</Code></DEASchedule></DrugCoded>';
      expect(compound(ingredient('C48679'), own)).toMatchObject({ schedule: 'II', scheduleCode: 'C48675' });
    });
  });

  it('reads prefixed elements as plain ones', () => {
    const plain = buildNewRx(anOrder(), envelope, '2017071');
    const prefixed = plain
      .replace('<Message ', '<s:Message xmlns:s="http://www.ncpdp.org/schema/SCRIPT" ')
      .replace(/<(\/?)(?!s:|\?)/g, '<$1s:');
    expect(parseScript(prefixed).order).toEqual(parseScript(plain).order);
    const answer = buildStatus(parseScript(prefixed), { messageId: 'a', sentTime: new Date(0), code: '010' });
    expect(parseXml(answer).attributes.get('xmlns')).toBe('http://www.ncpdp.org/schema/SCRIPT');
  });

  it('unwraps a message within <string> once, and not twice', () => {
    const escape = (xml: string): string => xml.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const inner = newRx('', '<MessageID>m1</MessageID>');
    const once = `<string>${escape(inner)}</string>`;
    expect(parseScript(once)).toMatchObject({ unwrapped: true, messageId: 'm1', transaction: 'NewRx' });
    expect(refusal(`<string>${escape(once)}</string>`).code).toBe('intake.script-no-message');
    expect(refusal(`<string>${escape('<!DOCTYPE a><Message/>')}</string>`).code).toBe('intake.xml-dtd');
  });

  it.each([
    ['<a/>', 'intake.script-no-message'],
    ['<Message><Header/></Message>', 'intake.script-no-body'],
    ['<Message><Body/></Message>', 'intake.script-one-transaction'],
    ['<Message><Body><NewRx/><NewRx/></Body></Message>', 'intake.script-one-transaction'],
  ])('refuses %s with %s', (xml, code) => expect(refusal(xml).code).toBe(code));

  it('names every unreadable field and none of the values', () => {
    const error = refusal(
      newRx(
        '<MedicationPrescribed><DaysSupply>SECRET</DaysSupply><Quantity><Value>-1</Value></Quantity></MedicationPrescribed>',
      ),
    );
    expect(error.issues.map((issue) => issue.pointer)).toEqual(['/medication/quantity', '/medication/daysSupply']);
    expect(JSON.stringify(error)).not.toContain('SECRET');
  });

  it('keeps height and weight and refuses no prescription for another vital sign', () => {
    const measured = (code: string, value: string, unit: string) =>
      `<Measurement><VitalSign>${code}</VitalSign><Value>${value}</Value><UnitOfMeasure>${unit}</UnitOfMeasure></Measurement>`;
    const vitals = [
      measured('85354-9', '120/80', 'mm[Hg]'),
      ...Array.from({ length: 60 }, () => measured('8867-4', '72', '/min')),
      measured('8302-2', '120', 'centimeters, as measured'),
      measured('8302-2', 'tall', 'cm'),
      measured('8302-2', '120', 'cm'),
      measured('29463-7', '1000000000', 'kg'),
      measured('29463-7', '25', 'kg'),
    ];
    const { order } = parseScript(newRx(`<Observation>${vitals.join('')}</Observation>`));
    expect(order?.observations).toEqual([
      { code: '8302-2', value: 120 },
      { code: '8302-2', value: 120, unit: 'cm' },
      { code: '29463-7', value: 25, unit: 'kg' },
    ]);
  });

  it('refuses an identifier no store could hold', () => {
    expect(refusal(newRx('', `<MessageID>${'x'.repeat(81)}</MessageID>`)).issues).toMatchObject([
      { pointer: '/messageId' },
    ]);
  });

  it('gives back the order of any message it writes', () => {
    fc.assert(
      fc.property(orders(), fc.constantFrom('2017071' as const, '2023011' as const), (order, version) => {
        const read = parseScript(buildNewRx(order, envelope, version));
        expect(read.version).toBe(version);
        expect(read.order).toEqual(order);
      }),
    );
  });

  it('reads a gender SCRIPT has no code for as unknown', () => {
    const order = anOrder({ patient: { gender: 'other' } });
    expect(parseScript(buildNewRx(order, envelope, '2017071')).order?.patient.gender).toBe('unknown');
  });

  it('raises nothing but FormatError, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => attempt(bytes)));
    const sample = Buffer.from(buildNewRx(anOrder(), envelope, '2017071'));
    const change = fc.record({ at: fc.nat(sample.length - 1), cut: fc.nat(40), put: fc.uint8Array({ maxLength: 12 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const mutated = changes.reduce(
          (bytes, { at, cut, put }) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]),
          sample,
        );
        attempt(mutated);
      }),
      { numRuns: 500 },
    );
  });
});

function attempt(bytes: Uint8Array): void {
  try {
    parseScript(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}

describe('a CancelRx', () => {
  it('names the prescription it means', () => {
    const order = anOrder();
    const xml = buildCancelRx(order, { ...envelope, messageId: 'c1', relatesToMessageId: 'n1' }, '2023011');
    expect(parseScript(xml)).toMatchObject({
      transaction: 'CancelRx',
      messageId: 'c1',
      cancel: {
        relatesToMessageId: 'n1',
        prescriberOrderNumber: order.prescriberOrderNumber,
        prescriberNpi: order.prescriber.npi,
        patientLastName: order.patient.lastName,
        birthDate: order.patient.birthDate,
        ndc: order.medication.ndc,
        writtenDate: order.writtenDate,
      },
    });
  });
});

describe('a CancelRx with details nobody needs for it', () => {
  const cancelRx = (body: string) =>
    `<Message version="2017071"><Header><MessageID>c1</MessageID><RelatesToMessageID>n1</RelatesToMessageID></Header><Body><CancelRx>${body}</CancelRx></Body></Message>`;

  it('means its prescription whatever they are', () => {
    const medication =
      '<MedicationPrescribed><DrugDescription>Lisinopril</DrugDescription><NumberOfRefills>PRN</NumberOfRefills></MedicationPrescribed>';
    expect(parseScript(cancelRx(medication)).cancel).toEqual({
      relatesToMessageId: 'n1',
      description: 'Lisinopril',
    });
  });

  it('is still refused for what would be kept and is too long', () => {
    const error = refusal(cancelRx(`<Patient><Name><LastName>${'x'.repeat(71)}</LastName></Name></Patient>`));
    expect(error.issues).toMatchObject([{ pointer: '/patient/lastName' }]);
  });
});

describe('answers', () => {
  const request = parseScript(buildNewRx(anOrder({ prescriber: { spi: '1234567890123' } }), envelope, '2017071'));
  const own = { messageId: 'fresh', sentTime: new Date('2026-05-26T06:21:00Z') };

  it('swap To and From, relate to the request and carry its numbers and version', () => {
    const root = parseXml(buildStatus(request, { ...own, code: '010', description: 'Accepted' }));
    expect(root.attributes.get('TransactionVersion')).toBe('20170715');
    expect(root.at('Header/To')?.text).toBe('1234567890123');
    expect(root.at('Header/To')?.attributes.get('Qualifier')).toBe('D');
    expect(root.at('Header/From')?.text).toBe('1234567');
    expect(root.value('Header/MessageID')).toBe('fresh');
    expect(root.value('Header/RelatesToMessageID')).toBe(request.messageId);
    expect(root.value('Header/SentTime')).toBe('2026-05-26T06:21:00.000Z');
    expect(root.value('Header/PrescriberOrderNumber')).toBe(request.prescriberOrderNumber);
    expect(root.value('Body/Status/Code')).toBe('010');
  });

  it('cut the description of an Error at 70 characters', () => {
    const root = parseXml(buildError(request, { ...own, code: '900', description: 'x'.repeat(80) }));
    expect(root.value('Body/Error/Description')).toBe(`${'x'.repeat(67)}...`);
  });

  it('can say Error to bytes that were no message', () => {
    const read = parseScript(buildError(undefined, { ...own, code: '900', description: 'Not XML <&>' }));
    expect(read).toMatchObject({ version: '2017071', transaction: 'Error', messageId: 'fresh' });
    expect(read.to).toBeUndefined();
  });

  it('escape whatever the sender put into its header', () => {
    const hostile = { ...request, from: { id: '"><Body/>', qualifier: `'"<&` }, messageId: ']]>&<' };
    const read = parseScript(buildStatus(hostile, { ...own, code: '000' }));
    expect(read.to).toEqual(hostile.from);
    expect(read.relatesToMessageId).toBe(hostile.messageId);
  });

  it('approve or deny a cancellation in one recognised element', () => {
    const approved = parseXml(buildCancelRxResponse(request, { ...own, approved: true, note: 'Not yet dispensed' }));
    expect(approved.value('Body/CancelRxResponse/Response/Approved/Note')).toBe('Not yet dispensed');
    const denied = parseXml(buildCancelRxResponse(request, { ...own, approved: false, denialReason: 'Shipped' }));
    expect(denied.value('Body/CancelRxResponse/Response/Denied/DenialReason')).toBe('Shipped');
    expect(denied.at('Body/CancelRxResponse/Response/Approved')).toBeUndefined();
  });
});
