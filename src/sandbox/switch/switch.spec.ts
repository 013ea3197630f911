import { startTestSandbox, type TestSandbox } from '../sandbox.fixture.js';
import type { Answer, Billing } from './switch.wire.js';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.post('/_sandbox/reset'));

const ndcs = {
  tier1: '70000010130',
  free: '70000010330',
  brand: '70000010660',
  authorization: '70000010703',
  uncovered: '70000010845',
  limited: '70000010912',
  interaction: '70000011030',
  dearPlan: '70000011110',
};
const banks = {
  demo: ['610011', 'DEMO'],
  deduct: ['610012', 'DEDUCT'],
  medicare: ['610013', 'MEDD'],
  coupon: ['610020', 'COUPON'],
} as const;

interface Change {
  plan?: keyof typeof banks;
  bin?: string;
  cardholderId?: string;
  groupId?: string;
  dateOfService?: string;
  claim?: Partial<Billing['claim']>;
  pricing?: Partial<Billing['pricing']>;
  cob?: Billing['cob'];
}

function aClaim(change: Change = {}): Billing {
  const [bin, pcn] = banks[change.plan ?? 'demo'];
  return {
    header: {
      bin: change.bin ?? bin,
      version: 'D0',
      transactionCode: 'B1',
      pcn,
      serviceProviderIdQualifier: '01',
      serviceProviderId: '1993999998',
      dateOfService: change.dateOfService ?? '20261120',
    },
    insurance: {
      cardholderId: change.cardholderId ?? 'CARD12345',
      groupId: change.groupId,
      relationshipCode: '1',
      firstName: 'PAT',
      lastName: 'EXAMPLE',
    },
    patient: { dateOfBirth: '19800101', genderCode: '2', firstName: 'PAT', lastName: 'EXAMPLE' },
    claim: {
      prescriptionReferenceNumber: '1000001',
      productIdQualifier: '03',
      ndc: ndcs.tier1,
      quantityDispensed: '30.000',
      fillNumber: 0,
      daysSupply: 30,
      dawCode: '0',
      dateWritten: '20261119',
      otherCoverageCode: '0',
      unitOfMeasure: 'EA',
      durResponses: [],
      ...change.claim,
    },
    pricing: {
      ingredientCostCents: 9000,
      dispensingFeeCents: 1000,
      usualAndCustomaryCents: 12_000,
      grossAmountDueCents: 10_000,
      ...change.pricing,
    },
    prescriber: { id: '1234567893' },
    ...(change.cob && { cob: change.cob }),
  };
}

async function send(request: object, headers: Record<string, string> = {}): Promise<{ status: number; body: Answer }> {
  const response = await fetch(`${sandbox.url}/switch/v1/transactions`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer key',
      'content-type': 'application/json',
      'idempotency-key': 'claim-1',
      ...headers,
    },
    body: JSON.stringify(request),
  });
  return { status: response.status, body: (await response.json()) as Answer };
}

async function bill(change: Change = {}): Promise<Answer> {
  return (await send(aClaim(change))).body;
}

function aReversal(authorizationNumber?: string): object {
  const { header, insurance, claim } = aClaim();
  const { prescriptionReferenceNumber, ndc, fillNumber } = claim;
  return {
    header: { ...header, transactionCode: 'B2' },
    insurance: { cardholderId: insurance.cardholderId },
    claim: { prescriptionReferenceNumber, ndc, fillNumber },
    authorizationNumber,
  };
}

describe('paid claims', () => {
  it.each([
    ['tier 1', ndcs.tier1, 1000],
    ['zero copay', ndcs.free, 0],
    ['brand, tier 3', ndcs.brand, 6000],
    ['not listed, tier 2', '70000011402', 3500],
  ])('leaves the copay of %s', async (_name, ndc, patientPayCents) => {
    const { status, pricing } = await bill({ claim: { ndc } });
    expect(status.code).toBe('P');
    expect(pricing).toMatchObject({ patientPayCents, totalPaidCents: 10_000 - patientPayCents });
  });

  it('caps the copay at what is allowed', async () => {
    const { pricing } = await bill({ claim: { ndc: ndcs.brand }, pricing: { usualAndCustomaryCents: 700 } });
    expect(pricing).toMatchObject({ patientPayCents: 700, totalPaidCents: 0 });
  });

  it('makes the plan dearer than cash where the contract price is above it', async () => {
    const { pricing } = await bill({
      claim: { ndc: ndcs.dearPlan, quantityDispensed: '10.000' },
      pricing: { ingredientCostCents: 1200, dispensingFeeCents: 300, usualAndCustomaryCents: 1500 },
    });
    expect(pricing).toMatchObject({ patientPayCents: 3500, totalPaidCents: 1300, basisOfReimbursement: '08' });
  });

  it('takes the deductible first, per card, until it is used up', async () => {
    const first = await bill({
      plan: 'deduct',
      pricing: { ingredientCostCents: 20_000, usualAndCustomaryCents: 99_000 },
    });
    expect(first.pricing).toMatchObject({ deductibleCents: 21_000, copayCents: 0, remainingDeductibleCents: 4000 });
    const second = await bill({ plan: 'deduct', claim: { ndc: ndcs.free, prescriptionReferenceNumber: '2' } });
    expect(second.pricing).toMatchObject({ deductibleCents: 4000, patientPayCents: 4000, remainingDeductibleCents: 0 });
    const other = await bill({
      plan: 'deduct',
      cardholderId: 'CARD99999',
      claim: { prescriptionReferenceNumber: '3' },
    });
    expect(other.pricing).toMatchObject({ deductibleCents: 10_000 });
  });

  it('answers a repeat with D, the same amounts, and one effect in the ledger', async () => {
    const first = await bill();
    const again = await bill();
    expect(again.status).toMatchObject({ code: 'D', authorizationNumber: first.status.authorizationNumber });
    expect(again.pricing).toEqual(first.pricing);
    expect(await sandbox.get('/_sandbox/ledger/summary')).toMatchObject([{ kind: 'claim', effects: 1, replays: 1 }]);
  });
});

describe('rejects', () => {
  it.each<[string, Change]>([
    ['01', { bin: '999999' }],
    ['06', { groupId: 'bad group' }],
    ['07', { cardholderId: 'abc' }],
    ['21', { claim: { ndc: '1234567890' } }],
    ['70', { claim: { ndc: ndcs.uncovered } }],
    ['75', { claim: { ndc: ndcs.authorization } }],
    ['76', { claim: { ndc: ndcs.limited, quantityDispensed: '12.000' } }],
    ['88', { claim: { ndc: ndcs.interaction } }],
  ])('rejects with %s', async (code, change) => {
    expect((await bill(change)).status).toMatchObject({ code: 'R', rejectCodes: [code] });
    expect(await sandbox.get('/_sandbox/ledger')).toEqual([]);
  });

  it('pays after the authorization, with or without its number on the claim', async () => {
    const claim = { ndc: ndcs.authorization };
    await bill({ claim });
    const { body } = await sandbox.post('/_sandbox/switch/prior-authorizations', {
      cardholderId: 'CARD12345',
      ndc: ndcs.authorization,
    });
    const { priorAuthNumber } = body as { priorAuthNumber: string };
    expect((await bill({ claim })).pricing).toMatchObject({ copayCents: 3500 });
    const named = { ...claim, priorAuthNumber, prescriptionReferenceNumber: '2' };
    expect((await bill({ cardholderId: 'CARD77777', claim: named })).status.code).toBe('P');
  });

  it('pays within the limit, and after a pharmacist answered the alert', async () => {
    const within = { ndc: ndcs.limited, quantityDispensed: '9.000' };
    expect((await bill({ claim: within })).status.code).toBe('P');
    const rejected = await bill({ claim: { ndc: ndcs.interaction } });
    expect(rejected.dur).toMatchObject([{ reasonCode: 'DD', significance: '1' }]);
    const answered = (reason: string, result: string) =>
      bill({ claim: { ndc: ndcs.interaction, durResponses: [{ counter: 1, reason, service: 'M0', result }] } });
    for (const [reason, result] of [
      ['TD', '1G'],
      ['DD', '2A'],
      ['DD', '3A'],
    ] as const)
      expect((await answered(reason, result)).status.rejectCodes).toEqual(['88']);
    expect((await answered('DD', '1G')).status.code).toBe('P');
  });

  it('names the next fill date when a refill is too soon, for its own fills and for seeded ones', async () => {
    await bill();
    const refill: Change = { dateOfService: '20261201', claim: { fillNumber: 1 } };
    const early = await bill(refill);
    expect(early.status).toMatchObject({ rejectCodes: ['79'], messages: ['REFILL TOO SOON NEXT FILL DATE 20261216'] });
    expect((await bill({ ...refill, dateOfService: '20261216' })).status.code).toBe('P');
    await sandbox.post('/_sandbox/switch/fills', {
      cardholderId: 'SEED00001',
      ndc: ndcs.tier1,
      dateOfService: '20261110',
      daysSupply: 30,
    });
    expect(
      (await bill({ cardholderId: 'SEED00001', claim: { prescriptionReferenceNumber: '9' } })).status.rejectCodes,
    ).toEqual(['79']);
  });
});

describe('reversal', () => {
  it('takes back fill and deductible, is repeatable, and lets the claim be billed anew', async () => {
    const paid = await bill();
    const { body } = await send(aReversal(paid.status.authorizationNumber));
    expect(body.status).toMatchObject({ code: 'A', authorizationNumber: paid.status.authorizationNumber });
    expect((await send(aReversal())).body.status.code).toBe('A');
    const anew = await bill();
    expect(anew.status.code).toBe('P');
    expect(anew.status.authorizationNumber).not.toBe(paid.status.authorizationNumber);
  });

  it('refuses what was never paid', async () => {
    expect((await send(aReversal())).body.status).toMatchObject({ code: 'R', rejectCodes: ['87'] });
  });
});

describe('coupon', () => {
  const coupon = (primaryBin: string): Change => ({
    plan: 'coupon',
    claim: { ndc: ndcs.brand, otherCoverageCode: '8' },
    cob: {
      otherPayers: [
        {
          coverageType: '01',
          idQualifier: '03',
          id: primaryBin,
          paid: [],
          rejects: [],
          patientResponsibility: [{ qualifier: '06', amountCents: 6000 }],
        },
      ],
    },
  });

  it('pays a brand down to 10 dollars', async () => {
    expect((await bill(coupon('610011'))).pricing).toMatchObject({ patientPayCents: 1000, totalPaidCents: 5000 });
  });

  it('never pays beside a government plan, nor alone', async () => {
    expect((await bill(coupon('610013'))).status.rejectCodes).toEqual(['65']);
    expect((await bill({ plan: 'coupon', claim: { ndc: ndcs.brand } })).status.rejectCodes).toEqual(['41']);
  });
});

describe('the host', () => {
  it('refuses malformed claims with 400 and callers without a key with 401', async () => {
    expect((await send({ header: { transactionCode: 'B1' } })).status).toBe(400);
    expect((await send({})).status).toBe(400);
    expect((await send(aClaim(), { authorization: '' })).status).toBe(401);
  });

  it('is down with 503 and 92, having adjudicated or not', async () => {
    await sandbox.post('/_sandbox/faults', { vendor: 'switch', kind: '500_after' });
    expect(await send(aClaim())).toMatchObject({ status: 503, body: { codes: ['92'] } });
    expect((await bill()).status.code).toBe('D');
  });
});
