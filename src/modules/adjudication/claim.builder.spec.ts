import type { Coverage } from '../prescriptions/index.js';
import { billingUnitOf, buildClaim, buildCouponClaim, type ClaimParts } from './claim.builder.js';

const coverage: Coverage = {
  id: 'coverage',
  kind: 'insurance',
  bin: '610011',
  pcn: 'DEMO',
  groupId: 'GRP1',
  cardholderId: 'ABC123456',
  personCode: '01',
  relationship: '1',
  government: false,
};

const parts = (change: Partial<ClaimParts> = {}): ClaimParts => ({
  claimId: 'claim-1',
  dateOfService: '2026-11-21',
  prescription: {
    rxNumber: 1000001,
    ndc: '70000010130',
    quantity: '30.000',
    quantityUnit: 'C48542',
    daysSupply: 30,
    refills: 3,
    writtenDate: '2026-11-20',
  },
  order: {
    patient: {
      firstName: 'Ada',
      lastName: 'Marsh',
      birthDate: '1980-02-29',
      gender: 'female',
      phone: '+15125550143',
      address: { line1: '1 Elm St', city: 'Austin', state: 'TX', zip: '78701-1234' },
    },
    prescriber: { npi: '1993999998', firstName: 'Ines', lastName: 'Roy' },
    medication: { substitutions: 1 },
  },
  pharmacyNpi: '1234567893',
  coverage,
  price: { ingredientCostCents: 2700, dispensingFeeCents: 500, cashPriceCents: 3200 },
  ...change,
});

describe('a claim', () => {
  it('holds what NCPDP D.0 needs of a first fill', () => {
    expect(buildClaim(parts())).toEqual({
      claim: {
        claimId: 'claim-1',
        payer: { bin: '610011', pcn: 'DEMO' },
        pharmacyNpi: '1234567893',
        dateOfService: '2026-11-21',
        cardholder: {
          id: 'ABC123456',
          groupId: 'GRP1',
          personCode: '01',
          relationship: '1',
          firstName: 'Ada',
          lastName: 'Marsh',
        },
        patient: {
          firstName: 'Ada',
          lastName: 'Marsh',
          birthDate: '1980-02-29',
          genderCode: '2',
          street: '1 Elm St',
          city: 'Austin',
          state: 'TX',
          zip: '787011234',
          phone: '5125550143',
        },
        fill: {
          rxNumber: '1000001',
          ndc: '70000010130',
          quantity: '30.000',
          unit: 'EA',
          fillNumber: 0,
          daysSupply: 30,
          dawCode: '1',
          dateWritten: '2026-11-20',
          refillsAuthorized: 3,
          otherCoverageCode: '0',
        },
        pricing: {
          ingredientCostCents: 2700,
          dispensingFeeCents: 500,
          usualAndCustomaryCents: 3200,
          grossAmountDueCents: 3200,
        },
        prescriber: { npi: '1993999998', lastName: 'Roy', firstName: 'Ines' },
        otherPayers: [],
      },
    });
  });

  it.each(['2', '3', '4'] as const)(
    'names no cardholder where the patient is another (relationship %s)',
    (relationship) => {
      const built = buildClaim(parts({ coverage: { ...coverage, relationship } }));
      const cardholder = { id: 'ABC123456', groupId: 'GRP1', personCode: '01', relationship };
      expect('claim' in built && built.claim.cardholder).toStrictEqual(cardholder);
    },
  );

  it('is dated no later than the day of service, where the prescription came from a zone ahead', () => {
    const { prescription } = parts();
    const built = buildClaim(parts({ prescription: { ...prescription, writtenDate: '2026-11-22' } }));
    expect(built).toMatchObject({ claim: { dateOfService: '2026-11-21', fill: { dateWritten: '2026-11-21' } } });
  });

  it.each([
    ['C48542', 'EA'],
    ['C48480', 'EA'],
    ['C28254', 'ML'],
    ['C48155', 'GM'],
    ['TAB', 'EA'],
    ['{mL}', 'ML'],
    ['vial', 'EA'],
    ['C48551', 'EA'],
    ['bottle', undefined],
    ['C28253', undefined],
    ['', undefined],
    ['constructor', undefined],
  ])('counts unit %p in %p', (code, unit) => {
    expect(billingUnitOf(code)).toBe(unit);
  });

  it('carries a prior authorization and DUR responses when there are any', () => {
    const durResponses = [
      { reason: 'DD', service: 'M0', result: '1G' },
      { reason: 'TD', service: 'R0', result: '1B' },
    ];
    const built = buildClaim(parts({ priorAuthNumber: '9001', durResponses }));
    expect(built).toMatchObject({ claim: { fill: { priorAuthNumber: '9001', durResponses } } });
    expect(buildClaim(parts({ durResponses: [] }))).not.toHaveProperty('claim.fill.durResponses');
  });

  it('names everything that is missing at once and invents nothing', () => {
    const { order, prescription } = parts();
    const built = buildClaim(
      parts({
        coverage: undefined,
        price: undefined,
        order: { ...order, patient: { firstName: 'Ada' }, prescriber: { lastName: 'Roy' } },
        prescription: { ...prescription, quantityUnit: 'C28253' },
      }),
    );
    expect(built).toEqual({
      missing: [
        'coverage.missing',
        'patient.incomplete',
        'prescriber.incomplete',
        'order.unit-not-billable',
        'drug.no-price',
      ],
    });
  });

  it('asks for the cardholder id of an incomplete card', () => {
    const card: Coverage = { id: 'coverage', kind: 'insurance', bin: '610011', pcn: 'DEMO', government: false };
    expect(buildClaim(parts({ coverage: card }))).toEqual({ missing: ['card.incomplete'] });
  });
});

describe('a coupon claim', () => {
  it('bills the maker for what the first payer left, as other coverage code 8', () => {
    const built = buildClaim(parts());
    if ('missing' in built) throw new Error('the claim could not be built');
    const coupon = { bin: '610020', pcn: 'COUPON', groupId: null, cardholderPrefix: 'CPN' };
    const paid = { bin: '610011', date: '2026-11-21', planPayCents: 2200, patientPayCents: 1000 };
    expect(buildCouponClaim('claim-2', built.claim, coupon, paid)).toMatchObject({
      claimId: 'claim-2',
      payer: { bin: '610020', pcn: 'COUPON' },
      cardholder: { id: 'CPN001000001', relationship: '1' },
      fill: { otherCoverageCode: '8', rxNumber: '1000001' },
      otherPayers: [{ bin: '610011', date: '2026-11-21', paidCents: 2200, patientResponsibilityCents: 1000 }],
    });
  });

  it('tells the maker nothing a person answered to the plan', () => {
    const said = { priorAuthNumber: '9001', durResponse: { reason: 'DD', service: 'M0', result: '1G' } };
    const built = buildClaim(parts(said));
    if ('missing' in built) throw new Error('the claim could not be built');
    const coupon = { bin: '610020', pcn: 'COUPON', groupId: null, cardholderPrefix: 'CPN' };
    const paid = { bin: '610011', date: '2026-11-21', planPayCents: 2200, patientPayCents: 1000 };
    const { fill } = buildCouponClaim('claim-2', built.claim, coupon, paid);
    const plain = buildClaim(parts());
    expect('claim' in plain && { ...plain.claim.fill, otherCoverageCode: '8' }).toEqual(fill);
  });
});
