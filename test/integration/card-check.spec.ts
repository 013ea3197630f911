import { currentConsentText } from '../../src/modules/enrollment/index.js';
import { EnrollmentWorker } from '../../src/modules/enrollment/enrollment.worker.js';
import { Coverages, Prescriptions, type PrescriptionState } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
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
  const followUp = async (patientId: string): Promise<void> =>
    app.get(EnrollmentWorker).skipOthers({ patientId }, { outboxId: newId(), attempt: 1, closed: false });
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

  describe('and that its payer did not know', () => {
    const ask = (id: string, claimedAt?: Date) =>
      app
        .get(EnrollmentWorker)
        .checkCard(
          { prescriptionId: id, ...(claimedAt && { claimedAt: claimedAt.toISOString() }) },
          { outboxId: newId(), attempt: 1, closed: false },
        );
    const checkOf = (id: string) =>
      app.db.tx(systemContext, async (tx) => {
        const { stateSince } = await app.get(Prescriptions).get(tx, id);
        return app.get(Coverages).cardCheck(tx, id, stateSince);
      });
    const apiOf = async (id: string): Promise<string> => `/api/enrollment/${(await app.tokenOf(id)) ?? ''}`;
    const corrections = async (id: string): Promise<number> =>
      (await events(id)).filter((event) => event === 'coverage_corrected').length;

    it('sends the claims of every other order that waits for it as well, once, and asks no more there', async () => {
      const { patientId, ids } = await orders(3, 'adjudication_issue');
      const [first = '', other = '', elsewhere = ''] = ids;
      for (const id of [first, other]) await ask(id);
      const otherApi = await apiOf(other);
      await complete(await apiOf(first), card);
      await Promise.all([followUp(patientId), followUp(patientId)]);
      expect([await corrections(first), await corrections(other)]).toEqual([1, 1]);
      expect(await checkOf(other)).toBe('answered');
      expect((await app.call('GET', otherApi)).json).toMatchObject({ status: 'used' });
      // Rejected for what is not the card: nobody asked its patient.
      expect([await corrections(elsewhere), await checkOf(elsewhere)]).toEqual([0, 'not-sent']);
    });

    it('helps also where the patient had let the link run out', async () => {
      const { patientId, ids } = await orders(2, 'adjudication_issue');
      const [first = '', other = ''] = ids;
      await ask(other);
      app.clock.advance(73 * 3_600_000);
      await complete(await askedByStaff(first), card);
      expect(await checkOf(other)).toBe('lapsed');
      await followUp(patientId);
      expect(await corrections(other)).toBe(1);
    });

    it('leaves the others to their own links while the patient has only confirmed what was on file', async () => {
      const { patientId, ids } = await orders(2, 'adjudication_issue');
      const [first = '', other = ''] = ids;
      for (const id of [first, other]) await ask(id);
      await complete(await apiOf(first), { onFile: true });
      await followUp(patientId);
      expect([await corrections(other), await checkOf(other)]).toEqual([0, 'with-patient']);
    });

    it('is asked about no more when it was corrected while the payer was being asked, or the question written', async () => {
      const { ids } = await orders(3, 'adjudication_issue');
      const [first = '', late = '', inFlight = ''] = ids;
      const claimedAt = app.clock.now();
      app.clock.advance(1_000);
      await complete(await askedByStaff(first), card);
      await ask(late);
      await standsStill([inFlight], 'adjudication_issue');
      await ask(inFlight, claimedAt);
      for (const id of [late, inFlight]) expect([await corrections(id), await checkOf(id)]).toEqual([1, 'not-sent']);
      // The claim that went out with it is rejected, too.
      await standsStill([inFlight], 'adjudication_issue');
      await ask(inFlight, app.clock.now());
      expect([await corrections(inFlight), await checkOf(inFlight)]).toEqual([1, 'with-patient']);
    });
  });
});
