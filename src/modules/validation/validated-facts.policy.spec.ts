import { loadConfig } from '../../../config/index.js';
import type { OrderMedication } from '../prescriptions/order/index.js';
import { subjectOf } from './subject.js';
import { factsAbout } from './validated-facts.policy.js';
import type { DirectoryDrug } from './validation-context.js';
import { validationSettings } from './validation-settings.js';

const tramadol: DirectoryDrug = {
  ndc11: '70000020130',
  name: 'Tramadol 50 mg tablet',
  genericName: 'tramadol',
  form: 'tablet',
  unit: 'C48542',
  schedule: 'IV',
};

const factsOfOrder = (medication: OrderMedication, drug?: DirectoryDrug, writtenDate = '2026-11-20') =>
  factsAbout(
    subjectOf(
      { writtenDate, patient: {}, prescriber: {}, medication },
      {
        today: '2026-11-21',
        latestToday: '2026-11-21',
        priorPrescriptions: [],
        settings: validationSettings(loadConfig({})),
        ...(drug && { drug }),
      },
    ),
    {},
  );

describe('the facts of a validated order', () => {
  it('take the schedule of the drug, not of the form', () => {
    expect(factsOfOrder({ ndc: '70000-0201-30' }, tramadol)).toMatchObject({ schedule: 'IV', ndc: '70000020130' });
    expect(factsOfOrder({ schedule: 'II' })).toMatchObject({ schedule: 'II' });
    expect(factsOfOrder({})).toMatchObject({ schedule: null });
  });

  it('hold the day before which nothing is filled, and take it back with a correction', () => {
    expect(factsOfOrder({ earliestFillDate: '2026-12-01' })).toMatchObject({ earliestFillDate: '2026-12-01' });
    expect(factsOfOrder({ earliestFillDate: 'soon' })).toMatchObject({ earliestFillDate: null });
  });

  it('hold the NDC in 11 digits, and none while it is ambiguous', () => {
    expect(factsOfOrder({ ndc: '70000-101-30' }).ndc).toBe('70000010130');
    expect(factsOfOrder({ ndc: '7000010130' }).ndc).toBeNull();
  });

  it('hold no NDC and no unit once a correction took them away', () => {
    expect(factsOfOrder({ rxnormCode: '314076' })).toMatchObject({ ndc: null, quantityUnit: null });
  });

  it('hold the unit by its NCI code, whatever the door calls it, and an unknown one as it came', () => {
    expect(factsOfOrder({ quantityUnit: 'TAB' }).quantityUnit).toBe('C48542');
    expect(factsOfOrder({ quantityUnit: 'bottle' }).quantityUnit).toBe('bottle');
  });

  it('leave out what the row cannot hold', () => {
    const facts = factsOfOrder(
      { quantity: 1e12, daysSupply: 30.5, refills: -1, quantityUnit: ' ', description: '' },
      undefined,
      '2026-02-30',
    );
    expect(facts).toEqual({ schedule: null, earliestFillDate: null, ndc: null, quantityUnit: null });
  });
});
