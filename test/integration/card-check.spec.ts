import { currentConsentText } from '../../src/modules/enrollment/index.js';
import { EnrollmentWorker } from '../../src/modules/enrollment/enrollment.worker.js';
import type { PrescriptionState } from '../../src/modules/prescriptions/index.js';
import { startEnrollmentApp, type EnrollmentApp } from '../support/enrollment-app.js';

const consent = { version: currentConsentText().version, accepted: true };
const card = { bin: '610011', pcn: 'DEMO', cardholderId: 'ZZZ998877' };
const mistyped = { ...card, bin: '016011' };

describe('a card that is corrected after the enrollment', () => {
  let app: EnrollmentApp;

  beforeAll(async () => {
    app = await startEnrollmentApp();
  });
  afterAll(async () => app.stop());

  const complete = async (api: string, coverage: object): Promise<void> => {
    expect((await app.call('POST', api, { coverage, consent }, await app.session(api))).status).toBe(200);
  };
  /** What the worker of the next step would do, a minute later. */
  const standsStill = async (ids: readonly string[], state: PrescriptionState): Promise<void> => {
    app.clock.advance(60_000);
    await app.sql('UPDATE prescriptions SET state = $2, state_since = $3 WHERE id = ANY($1::uuid[])', [
      ids,
      state,
      app.clock.now(),
    ]);
    app.clock.advance(60_000);
  };
  /** Orders of one patient, all of them with the mistyped card. */
  const orders = async (most: number, state: PrescriptionState) => {
    const patientId = await app.patient();
    const first = await app.started({ patientId });
    await complete(first.api, mistyped);
    const ids = [first.id];
    while (ids.length < most) ids.push(await app.prescription({ patientId }));
    await standsStill(ids, state);
    return { patientId, ids };
  };
  const askedByStaff = async (id: string): Promise<string> => {
    const authorization = await app.key();
    const sent = await app.call('POST', `/api/prescriptions/${id}/enrollment`, undefined, { authorization });
    expect(sent.status).toBe(201);
    return `/api/enrollment/${(await app.tokenOf(id)) ?? ''}`;
  };
  const followUp = async (patientId: string): Promise<void> => app.get(EnrollmentWorker).skipOthers({ patientId });
  const events = async (id: string): Promise<string[]> => (await app.events(id)).map(({ event }) => event);

  describe('and that no pharmacy took', () => {
    it('is checked on a link of operations, and routing looks again', async () => {
      const { patientId, ids } = await orders(1, 'routing_issue');
      const [id = ''] = ids;
      expect(await app.tokenOf(id)).toBeUndefined();
      const api = await askedByStaff(id);
      expect((await events(id)).at(-1)).toBe('card_check_link_created');
      expect((await app.call('GET', api)).json).toMatchObject({ status: 'open' });
      await complete(api, card);
      expect(await app.state(id)).toBe('awaiting_routing');
      expect((await events(id)).filter((event) => event === 'enrollment_completed')).toHaveLength(2);
      const [row] = await app.sql('SELECT bin FROM coverages WHERE patient_id = $1 AND ended_at IS NULL', [patientId]);
      expect(row).toEqual({ bin: card.bin });
    });

    it('asks on a newer link only, and for nothing once an older order of things has ended', async () => {
      const { ids } = await orders(1, 'routing_issue');
      const [id = ''] = ids;
      const older = await askedByStaff(id);
      const newer = await askedByStaff(id);
      expect((await app.call('GET', older)).json).toMatchObject({ status: 'revoked' });
      await standsStill(ids, 'routing_issue');
      expect(await app.tokenOf(id)).toBeUndefined();
      await complete(newer, card);
      expect(await app.state(id)).toBe('awaiting_routing');
    });

    it('leads on every other order that stood still for it, and none for which nothing has changed', async () => {
      const { patientId, ids } = await orders(2, 'routing_issue');
      const [first = '', other = ''] = ids;
      await complete(await askedByStaff(first), card);
      const later = await app.prescription({ patientId });
      await standsStill([later], 'routing_issue');
      await followUp(patientId);
      expect(await app.state(other)).toBe('awaiting_routing');
      expect(await app.state(later)).toBe('routing_issue');
    });
  });
});
