import { randomUUID } from 'node:crypto';
import { Prescriptions, systemActor, type FulfilmentAction } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { startTickets, type Cast, type TicketsApp } from '../support/tickets-app.js';
import { until } from '../support/until.js';

/** Of several prescriptions on a ticket the first one counts. */
describe('the first prescription of a ticket', () => {
  let app: TicketsApp;

  beforeAll(async () => {
    app = await startTickets();
  });
  afterAll(() => app.stop());

  const ticketOf = async (who: string, id: string) => (await app.call(who, 'GET', `/api/tickets/${id}`)).body;
  const statusOf = async (who: string, id: string) => (await app.call(who, 'GET', `/api/tickets/${id}`)).status;
  /** As other ways left it. */
  const stands = (prescription: string, state: string) =>
    app.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [prescription, state]);
  const reaches = (prescription: string, state: string) =>
    until(async () => (await app.stateOf(prescription)) === state);
  const report = (id: string, action: FulfilmentAction) =>
    app.db.tx(systemContext, (tx) =>
      app.get(Prescriptions).report(tx, {
        id,
        action,
        actor: systemActor,
        trigger: 'webhook',
        occurredAt: new Date(),
        sourceKey: randomUUID(),
      }),
    );
  /** Once the payer has refused it. */
  const correct = async ({ ops }: Cast, prescription: string, patch: object, next = 'pharmacy_selected') => {
    if ((await app.stateOf(prescription)) !== 'validation_issue') await stands(prescription, 'adjudication_issue');
    const body = { patch, reason: 'typo' };
    const answer = await app.call(ops, 'POST', `/api/prescriptions/${prescription}/resubmit`, body);
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    await reaches(prescription, next);
  };
  const choose = ({ ops }: Cast, prescription: string, pharmacyId: string) =>
    app.call(ops, 'POST', `/api/prescriptions/${prescription}/pharmacy`, { pharmacyId });
  const prescriberOf = async (doctorId: string) => {
    const [row] = await app.sql<{ npi: string }>('SELECT npi FROM providers WHERE id = $1', [doctorId]);
    return { prescriber: { npi: row?.npi, firstName: 'Ines', lastName: 'Roy' } };
  };

  describe('says alone', () => {
    it('who its patient is', async () => {
      const cast = await app.cast();
      const id = await app.open(cast);
      const [first, second] = [await app.save(cast, id), await app.save(cast, id)];
      // As a message from outside opens it.
      await app.sql(`UPDATE healthcare_tickets SET origin = 'intake' WHERE id = $1`, [id]);
      const address = { line1: '7 Oak St', city: 'Austin', state: 'TX', zip: '78702' };
      const named = {
        firstName: 'Beth',
        lastName: 'Nolan',
        birthDate: '1961-07-04',
        email: 'beth@example.com',
        address,
      };
      await correct(cast, first, { patient: { ...named, externalId: null } });
      const { patientId } = await ticketOf(cast.ops, id);
      expect(patientId).not.toBe(cast.patientId);
      const beth = await app.user('patient', { patientId: String(patientId) });

      await stands(second, 'sent_to_pharmacy');
      await report(second, 'acknowledge');
      expect([await statusOf(beth, id), await statusOf(cast.patient, id)]).toEqual([200, 404]);
      await report(first, 'cancel');
      expect([await statusOf(beth, id), await statusOf(cast.patient, id)]).toEqual([404, 200]);
    });

    it('who its doctor is', async () => {
      const [cast, supervisor] = [await app.cast(), await app.doctorOf()];
      const id = await app.open(cast);
      const [first, second] = [await app.save(cast, id), await app.save(cast, id)];
      await correct(cast, second, await prescriberOf(supervisor));
      expect(await ticketOf(cast.ops, id)).toMatchObject({ primaryProviderId: cast.doctorId });
      expect(await statusOf(cast.doctor, id)).toBe(200);
      await report(first, 'cancel');
      expect(await ticketOf(cast.ops, id)).toMatchObject({ primaryProviderId: supervisor, patientId: cast.patientId });
    });

    it('of those that stay, when it goes to another pharmacy', async () => {
      const [cast, supervisor, next] = [await app.cast(), await app.doctorOf(), await app.pharmacy()];
      const id = await app.open(cast);
      const [first, second] = [await app.save(cast, id), await app.save(cast, id)];
      await correct(cast, second, await prescriberOf(supervisor));
      await stands(first, 'adjudication_issue');
      expect((await choose(cast, first, next)).status).toBe(200);
      expect(await ticketOf(cast.ops, id)).toMatchObject({ prescriptionId: second, primaryProviderId: supervisor });
      const [own] = (await app.call(cast.ops, 'GET', `/api/tickets?prescriptionId=${first}`)).body.items ?? [];
      expect(own).toMatchObject({ primaryProviderId: cast.doctorId, patientId: cast.patientId });
    });
  });
});
