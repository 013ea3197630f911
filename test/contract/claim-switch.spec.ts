import type { Claim, ClaimReversal } from '../../src/modules/adjudication/index.js';
import { HttpClaimSwitch } from '../../src/modules/adjudication/gateways/http-claim-switch.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { aClaim } from './claims.js';

const reversalOf = (claim: Claim, authorizationNumber?: string): ClaimReversal => ({
  reversalId: `reversal of ${claim.claimId}`,
  payer: claim.payer,
  pharmacyNpi: claim.pharmacyNpi,
  dateOfService: claim.dateOfService,
  cardholderId: claim.cardholder.id,
  rxNumber: claim.fill.rxNumber,
  ndc: claim.fill.ndc,
  fillNumber: claim.fill.fillNumber,
  ...(authorizationNumber !== undefined && { authorizationNumber }),
});

describe('the claim switch over HTTP', () => {
  let sandbox: TestSandbox;
  let folder: TestFolder;
  let claimSwitch: HttpClaimSwitch;

  beforeAll(async () => {
    folder = await testFolder('switch');
    sandbox = await startTestSandbox({ folder: folder.path });
    claimSwitch = new HttpClaimSwitch({ CLAIM_SWITCH_URL: sandbox.url, CLAIM_SWITCH_API_KEY: 'key' });
  });
  afterAll(async () => {
    await sandbox.stop();
    await folder.remove();
  });
  beforeEach(async () => {
    await sandbox.post('/_sandbox/reset');
  });

  const fault = async (kind: string, more: object = {}) => {
    await sandbox.post('/_sandbox/faults', { vendor: 'switch', kind, ...more });
  };

  it('answers a covered claim with amounts that balance and an authorization number', async () => {
    const answer = await claimSwitch.submit(aClaim());
    expect(answer).toMatchObject({ status: 'P', rejectCodes: [], messages: [] });
    expect(answer.authorizationNumber).toMatch(/^\d+$/);
    expect(answer.amounts).toEqual({
      patientPayCents: 1000,
      planPayCents: 2200,
      deductibleCents: 0,
      copayCents: 1000,
      coinsuranceCents: 0,
    });
  });

  it('answers a claim on the card of somebody else, whose name is not known', async () => {
    const claim = aClaim();
    const onOthersCard = { ...claim, cardholder: { id: claim.cardholder.id, relationship: '2' as const } };
    expect(await claimSwitch.submit(onOthersCard)).toMatchObject({ status: 'P' });
  });

  it('answers the same claim again as a repetition with the same amounts', async () => {
    const first = await claimSwitch.submit(aClaim());
    const second = await claimSwitch.submit(aClaim());
    expect(second).toEqual({ ...first, status: 'D' });
  });

  it('answers a decline as a value with its codes', async () => {
    expect(await claimSwitch.submit(aClaim({ ndc: '70000010845' }))).toMatchObject({
      status: 'R',
      rejectCodes: ['70'],
    });
    expect(await claimSwitch.submit(aClaim({ ndc: '70000011030' }))).toMatchObject({
      status: 'R',
      rejectCodes: ['88'],
      helpDeskPhone: '8005550199',
      durAlerts: [{ reason: 'DD', significance: '1', text: 'INCREASED BLEEDING RISK WITH CURRENT THERAPY' }],
    });
  });

  it('takes a prior authorization number and a DUR response', async () => {
    const response = await fetch(`${sandbox.url}/_sandbox/switch/prior-authorizations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cardholderId: 'OTHER1234', ndc: '70000010703' }),
    });
    const { priorAuthNumber } = (await response.json()) as { priorAuthNumber: string };
    const pen = aClaim({ ndc: '70000010703' });
    expect(await claimSwitch.submit(pen)).toMatchObject({ rejectCodes: ['75'] });
    const authorized = { ...pen, fill: { ...pen.fill, priorAuthNumber } };
    expect(await claimSwitch.submit(authorized)).toMatchObject({ status: 'P' });
    const warfarin = aClaim({ ndc: '70000011030' });
    const reviewed = {
      ...warfarin,
      fill: {
        ...warfarin.fill,
        durResponses: [
          { reason: 'TD', service: 'R0', result: '1B' },
          { reason: 'DD', service: 'M0', result: '1G' },
        ],
      },
    };
    expect(await claimSwitch.submit(reviewed)).toMatchObject({ status: 'P' });
  });

  it('bills a coupon as second payer', async () => {
    const claim = aClaim({ ndc: '70000010660', bin: '610020', pcn: 'COUPON' });
    const answer = await claimSwitch.submit({
      ...claim,
      cardholder: { ...claim.cardholder, id: 'CPN001000001' },
      fill: { ...claim.fill, otherCoverageCode: '8' },
      otherPayers: [{ bin: '610011', date: '2026-11-21', paidCents: 52_800, patientResponsibilityCents: 6000 }],
    });
    expect(answer).toMatchObject({ status: 'P', amounts: { planPayCents: 5000, patientPayCents: 1000 } });
  });

  it('takes a paid claim back once, and says so when there is nothing', async () => {
    const claim = aClaim();
    const { authorizationNumber } = await claimSwitch.submit(claim);
    expect(await claimSwitch.reverse(reversalOf(claim, authorizationNumber))).toEqual({
      outcome: 'reversed',
      rejectCodes: [],
    });
    expect(await claimSwitch.reverse(reversalOf(claim, authorizationNumber))).toMatchObject({ outcome: 'reversed' });
    const never = aClaim({ rxNumber: '999' });
    expect(await claimSwitch.reverse(reversalOf(never))).toEqual({
      outcome: 'nothing-to-reverse',
      rejectCodes: ['87'],
    });
  });

  it('throws for a host that is down, and the repetition pays once', async () => {
    await fault('500_after');
    await expect(claimSwitch.submit(aClaim())).rejects.toMatchObject({ code: 'claim-switch.503' });
    expect(await claimSwitch.submit(aClaim())).toMatchObject({ status: 'D' });
  });

  it('throws for a cut connection', async () => {
    await fault('reset', { stage: 'before' });
    await expect(claimSwitch.submit(aClaim())).rejects.toMatchObject({ code: 'claim-switch.unreachable' });
  });

  it('waits as long as the switch says when it is busy', async () => {
    await fault('429');
    await expect(claimSwitch.submit(aClaim())).rejects.toMatchObject({ code: 'claim-switch.busy', afterMs: 1000 });
  });

  it('refuses for good what the switch cannot read', async () => {
    const broken = { ...aClaim(), payer: { bin: '12', pcn: 'DEMO' } };
    await expect(claimSwitch.submit(broken)).rejects.toMatchObject({ name: 'Unrecoverable', code: 'claim-switch.400' });
  });

  it('says that it is off when no switch is configured', async () => {
    const off = new HttpClaimSwitch({ CLAIM_SWITCH_URL: undefined, CLAIM_SWITCH_API_KEY: undefined });
    await expect(off.submit(aClaim())).rejects.toMatchObject({ code: 'vendor.off' });
  });
});
