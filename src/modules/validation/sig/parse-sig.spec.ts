import fc from 'fast-check';
import { normalizeSig, parseSig, valueOf, type SigValues } from './index.js';

describe('SIG normalisation', () => {
  it.each([
    ['Take ONE tablet, (by mouth); daily.', 'take 1 tablet by mouth daily'],
    ['take 2.5 mL at 8:30', 'take 2.5 ml at 8:30'],
    ['1/2-1 tab p.o. bid', '0.5-1 tab po bid'],
    ['take 1 1/2 tablets', 'take 1.5 tablets'],
    ['take one-half to one tablet', 'take 0.5-1 tablet'],
    ['2 two times daily', '2 times daily'],
    ['take two (2) and a half tablets', 'take 2.5 tablets'],
    ['one and a half tablets', '1.5 tablets'],
    ['two and one-half tablets', '2.5 tablets'],
    ['every four (4) to six (6) hours', 'every 4-6 hours'],
    ['take one (1) tablet', 'take 1 tablet'],
    ['1 tabs sl bidx9 days', '1 tabs sl bid x 9 days'],
    ['1 tabs po tidprnas needed', '1 tabs po tid prn as needed'],
  ])('"%s" becomes "%s"', (text, expected) => {
    expect(normalizeSig(text)).toBe(expected);
  });
});

describe('SIG parser', () => {
  it('reads method, dose, unit, route, frequency, duration and reason', () => {
    const sig = parseSig('Take 1-2 tablets by mouth every 4 to 6 hours as needed for pain for 5 days');
    expect(valueOf(sig.method)).toBe('take');
    expect(valueOf(sig.dose)).toEqual({ value: 1, max: 2 });
    expect(valueOf(sig.unit)).toBe('tablet');
    expect(valueOf(sig.route)).toBe('by mouth');
    expect(valueOf(sig.frequency)).toEqual({ value: 1 });
    expect(valueOf(sig.period)).toEqual({ value: 4, max: 6, unit: 'hour' });
    expect(valueOf(sig.duration)).toEqual({ value: 5, unit: 'day' });
    expect(valueOf(sig.asNeeded)).toBe(true);
    expect(valueOf(sig.indication)).toBe('pain');
    expect(valueOf(sig.maxPerDay)).toEqual({ amount: 12, unit: 'tablet' });
  });

  it.each([
    ['1 tab po bid', 2, { value: 1, unit: 'day' }],
    ['1 tab po qid', 4, { value: 1, unit: 'day' }],
    ['1 tab po qod', 1, { value: 2, unit: 'day' }],
    ['1 tab po q6h', 1, { value: 6, unit: 'hour' }],
    ['1 tab po qhs', 1, { value: 1, unit: 'day' }],
    ['inject 0.8 mL under the skin every 14 days', 1, { value: 14, unit: 'day' }],
    ['inject 0.75 mL under the skin once weekly', 1, { value: 1, unit: 'week' }],
    ['take 1 tablet in the morning and at bedtime', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet on monday, wednesday and friday', 3, { value: 1, unit: 'week' }],
    ['take 1 tablet monday through friday', 5, { value: 1, unit: 'week' }],
    ['take 1 tablet daily in the morning and at bedtime', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet in the morning or at bedtime', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet every evening 2 hours before bed', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet in the evening before bed and drink water', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet once daily in the evening before bed, and avoid alcohol', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet in the morning and in the evening before bed', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet in the evening and before bed', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet in the morning or at bedtime and drink water', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet in the morning, at bedtime, do not crush or chew', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet every morning and bedtime', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet with breakfast and dinner', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet with breakfast, lunch, and dinner', 3, { value: 1, unit: 'day' }],
    ['take 1 tablet before breakfast, lunch and the evening meal', 3, { value: 1, unit: 'day' }],
    ['take 1 tablet before breakfast and supper', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet before meals and at bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet before meals and bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet before breakfast, lunch, dinner and bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet three times daily before meals and bedtime', 3, { value: 1, unit: 'day' }],
    ['take 1 tablet with each meal and at bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet at bedtime and after meals', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet ac & hs', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet ac hs', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet pc/qhs', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet before meals and 1-2 tablets at bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet with each meal and one at bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet before meals and take 1 tablet by mouth at bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet before meals and 1 tablet po qhs', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet before meals and also at bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet with meals and with a snack at bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet after each meal and once at bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet before meals and bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet before meals and at bedtime. Do not take two doses at once.', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet with meals and avoid alcohol at bedtime', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet every evening 2 hours before bed and drink water', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet in the evening and 1 before bed', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet after meals and nightly', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet every morning before meals and drink plenty of water', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet once daily in the morning with meals and avoid alcohol', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet every evening with meals and do not crush', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet qam ac and drink water', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet at bedtime. Take with meals and plenty of water', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet once daily at bedtime and with meals', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet in the morning with meals and at bedtime', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet 4 times daily before meals and at bedtime', 4, { value: 1, unit: 'day' }],
    ['take 1 tablet in the morning with meals', 1, { value: 1, unit: 'day' }],
    ['take 1 tablet twice daily with meals', 2, { value: 1, unit: 'day' }],
    ['take 1 tablet in the AM and 1 tablet in the PM', 2, { value: 1, unit: 'day' }],
  ])('"%s" is %i per %j', (text, frequency, period) => {
    const sig = parseSig(text);
    expect(valueOf(sig.frequency)).toEqual({ value: frequency });
    expect(valueOf(sig.period)).toEqual(period);
  });

  it.each(['take 1 tablet before meals and in the evening', 'take 1 tablet with meals and in the morning'])(
    'nobody can tell how often "%s" is',
    (text) => expect(valueOf(parseSig(text).frequency)).toBeUndefined(),
  );

  it('reads "qd - bid" as one order of one to two times a day', () => {
    expect(valueOf(parseSig('1 po qd - bid').frequency)).toEqual({ value: 1, max: 2 });
  });

  it('never invents a dose', () => {
    expect(parseSig('apply topically twice daily').dose).toEqual({ source: 'absent' });
    expect(parseSig('1/2 to one hour before intercourse').dose).toEqual({ source: 'absent' });
  });

  it('never reads milligrams as a count', () => {
    const sig = parseSig('take 10 mg by mouth daily');
    expect(sig.dose).toEqual({ source: 'absent' });
    expect(valueOf(sig.strength)).toEqual({ value: 10, unit: 'mg' });
  });

  it('marks a route that only the dose form implies', () => {
    expect(parseSig('1 tablet tid').route).toEqual({ source: 'derived', value: 'by mouth', implied: true });
    expect(parseSig('1 tablet po tid').route).toEqual({ source: 'derived', value: 'by mouth' });
  });

  it('takes "od" neither for daily nor, outside the eye, for a route', () => {
    expect(parseSig('apply od').frequency.source).toBe('absent');
    expect(valueOf(parseSig('instill 1 drop od').route)).toBe('in eye(s)');
  });

  it('lets a stated daily maximum lower the computed one and never raise it', () => {
    expect(valueOf(parseSig('1-2 tabs po q6h prn mdd 6').maxPerDay)).toEqual({ amount: 6, unit: 'tablet' });
    expect(valueOf(parseSig('1 tab po bid mdd 6').maxPerDay)).toEqual({ amount: 2, unit: 'tablet' });
  });

  it('does not read "no more than two weeks" as a daily maximum', () => {
    expect(parseSig('apply twice daily for no more than two weeks').maxPerDay).toEqual({ source: 'absent' });
  });

  it('says when the fields describe only the first of several steps', () => {
    expect(parseSig('take 2 tablets daily for 3 days then 1 tablet daily for 3 days').multiStep).toBe(true);
    expect(parseSig('take 1 tablet daily for 21 days, off 7 days').multiStep).toBe(true);
    expect(parseSig('take 1 tablet daily Mon-Fri').multiStep).toBe(true);
    expect(parseSig('take 1 tablet daily on days 1 through 5 of each 28 day cycle').multiStep).toBe(true);
    expect(parseSig('take 1 tablet daily x5 days q28 days').multiStep).toBe(true);
    expect(parseSig('take 1 tablet daily for 14 days out of 28 days').multiStep).toBe(true);
    expect(parseSig('take 1 tablet every 28 days').multiStep).toBe(false);
    expect(parseSig('take 1 tablet for 10 days every day').multiStep).toBe(false);
    expect(parseSig('take 1 tablet daily starting on the 1st day of your cycle').multiStep).toBe(false);
    expect(parseSig('take 1 tablet daily').multiStep).toBe(false);
    expect(parseSig('take 1 tablet daily for 10 days, then stop').multiStep).toBe(false);
  });

  it('keeps a coded value beside the text and lets the text win where they disagree', () => {
    const sig = parseSig('take 1 tablet by mouth daily', { dose: { value: 2 }, unit: 'tablet', indication: 'pain' });
    expect(sig.dose).toEqual({ source: 'derived', value: { value: 1 } });
    expect(sig.unit).toEqual({ source: 'coded', value: 'tablet' });
    expect(sig.indication).toEqual({ source: 'coded', value: 'pain' });
    expect(sig.conflicts).toEqual(['dose'] satisfies (keyof SigValues)[]);
  });

  it('survives any text, in time', () => {
    const words = fc.constantFrom(
      'take',
      '1',
      '1-2',
      'tab',
      'po',
      'q',
      'every',
      'for',
      'prn',
      'x',
      '.',
      '/',
      'mdd',
      'then',
      'each',
      '-',
    );
    const texts = fc.oneof(
      fc.string({ maxLength: 2000 }),
      fc.array(words, { maxLength: 400 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => parseSig(text).text === text),
      { numRuns: 300 },
    );
  });
});
