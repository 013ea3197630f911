import type { Claim } from '../../src/modules/adjudication/index.js';

/** A claim the sandbox's formulary covers. */
export const aClaim = (
  change: { id?: string; ndc?: string; rxNumber?: string; bin?: string; pcn?: string } = {},
): Claim => ({
  claimId: change.id ?? 'claim-1',
  payer: { bin: change.bin ?? '610011', pcn: change.pcn ?? 'DEMO' },
  pharmacyNpi: '1234567893',
  dateOfService: '2026-11-21',
  cardholder: { id: 'ABC123456', relationship: '1', firstName: 'Ada', lastName: 'Marsh' },
  patient: {
    birthDate: '1980-02-29',
    genderCode: '2',
    firstName: 'Ada',
    lastName: 'Marsh',
    street: '1 Elm St',
    city: 'Austin',
    state: 'TX',
    zip: '78701',
  },
  fill: {
    rxNumber: change.rxNumber ?? '1000001',
    ndc: change.ndc ?? '70000010130',
    quantity: '30.000',
    unit: 'EA',
    fillNumber: 0,
    daysSupply: 30,
    dawCode: '0',
    dateWritten: '2026-11-20',
    refillsAuthorized: 0,
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
});
