import { sendingDay } from '../../src/demo/generate/index.js';
import { Prescriptions, systemActor } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { report } from '../support/prescription-rows.js';
import { anOrder, startTickets, type Cast, type TicketsApp } from '../support/tickets-app.js';
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
      await report(app, second, 'acknowledge');
      expect([await statusOf(beth, id), await statusOf(cast.patient, id)]).toEqual([200, 404]);
      await report(app, first, 'cancel');
      expect([await statusOf(beth, id), await statusOf(cast.patient, id)]).toEqual([404, 200]);
    });

    it('who its doctor is', async () => {
      const [cast, supervisor] = [await app.cast(), await app.doctorOf()];
      const id = await app.open(cast);
      const [first, second] = [await app.save(cast, id), await app.save(cast, id)];
      await correct(cast, second, await prescriberOf(supervisor));
      expect(await ticketOf(cast.ops, id)).toMatchObject({ primaryProviderId: cast.doctorId });
      expect(await statusOf(cast.doctor, id)).toBe(200);
      await report(app, first, 'cancel');
      expect(await ticketOf(cast.ops, id)).toMatchObject({ primaryProviderId: supervisor, patientId: cast.patientId });
    });

    it('who its doctor is, unless that one has an open ticket for the same already', async () => {
      const [cast, supervisor] = [await app.cast(), await app.doctorOf()];
      const theirs = { ...cast, doctor: await app.user('doctor', { providerId: supervisor }) };
      const [id, standing] = [await app.open(cast), await app.open(theirs)];
      expect(standing).not.toBe(id);
      const first = await app.save(cast, id);
      await correct(cast, first, await prescriberOf(supervisor));
      expect(await ticketOf(cast.ops, id)).toMatchObject({ primaryProviderId: cast.doctorId });
      await app.call(theirs.doctor, 'POST', `/api/tickets/${standing}/status`, { status: 'closed' });
      await correct(cast, first, { note: 'Of the supervising doctor.' });
      expect(await ticketOf(cast.ops, id)).toMatchObject({ primaryProviderId: supervisor });
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

  it('leaves to one that got a ticket of its own whom the doctor named', async () => {
    const [cast, next] = [await app.cast(), await app.pharmacy()];
    const id = await app.open(cast);
    const [, second] = [await app.save(cast, id), await app.save(cast, id)];
    await stands(second, 'adjudication_issue');
    expect((await choose(cast, second, next)).status).toBe(200);
    const address = { line1: '7 Oak St', city: 'Austin', state: 'TX', zip: '78702' };
    await correct(cast, second, { patient: { externalId: null, email: 'moved@example.com', address } });
    const [own] = (await app.call(cast.ops, 'GET', `/api/tickets?prescriptionId=${second}`)).body.items ?? [];
    expect(own?.['id']).not.toBe(id);
    expect(own).toMatchObject({ patientId: cast.patientId, primaryProviderId: cast.doctorId });
    expect((await app.call(cast.patient, 'GET', `/api/prescriptions/${second}`)).status).toBe(200);
  });

  describe('that validation holds gives its place to one that passed', () => {
    const read = async (who: string, prescription: string) =>
      (await app.call(who, 'GET', `/api/prescriptions/${prescription}`)).status;
    const blocked = async (cast: Cast, ticket: string) => {
      const order = { ...anOrder(), writtenDate: '2020-01-01' };
      const { body } = await app.call(cast.doctor, 'POST', `/api/tickets/${ticket}/prescription`, order);
      await reaches(String(body['id']), 'validation_issue');
      return String(body['id']);
    };
    const move = (id: string, action: 'pass_validation' | 'fail_validation') =>
      app.db.tx(systemContext, (tx) =>
        app.get(Prescriptions).move(tx, { id, action, actor: systemActor, trigger: 'worker' }),
      );

    it.each(['corrected', 'cancelled'])('and does not get it back when it is %s', async (end) => {
      const cast = await app.cast();
      const id = await app.open(cast);
      const [held, passed] = [await blocked(cast, id), await app.save(cast, id)];
      const sent = { status: 'sent', prescriptionId: passed, secondaryProviderId: cast.pharmacyId };
      const listed = async () => (await app.call(cast.pharmacy, 'GET', '/api/tickets')).body.items;
      expect(await listed()).toMatchObject([{ id, ...sent }]);
      expect([await read(cast.pharmacy, passed), await read(cast.pharmacy, held)]).toEqual([200, 404]);
      expect((await app.call(cast.doctor, 'GET', `/api/tickets/${id}/timeline?kind=ticket`)).body.items).toMatchObject([
        { code: 'ticket.created' },
        { code: 'ticket.sent', details: { prescriptionId: passed } },
      ]);
      if (end === 'cancelled') await report(app, held, 'cancel');
      else await correct(cast, held, { writtenDate: sendingDay() });
      expect(await ticketOf(cast.pharmacy, id)).toMatchObject(sent);
      expect(await read(cast.pharmacy, held)).toBe(end === 'cancelled' ? 404 : 200);
    });

    it('which its pharmacy reads before routing has chosen one', async () => {
      const cast = await app.cast();
      const wished = await app.pharmacy({ licensedStates: ['CA'] });
      const staff = await app.user('pharmacy', { pharmacyId: wished });
      const id = await app.open(cast, { pharmacyId: wished });
      await blocked(cast, id);
      const passed = await app.save(cast, id, 'awaiting_pharmacy_selection');
      expect([await statusOf(staff, id), await read(staff, passed)]).toEqual([200, 200]);
      const seen = await app.call(staff, 'POST', `/api/tickets/${id}/status`, { status: 'received' });
      expect(seen.body).toMatchObject({ status: 'received', prescriptionId: passed });
    });

    it('also when that passed first, and what the pharmacy has seen by then stays seen', async () => {
      const cast = await app.cast();
      const id = await app.open(cast);
      const held = await blocked(cast, id);
      await stands(held, 'received');
      const passed = await app.save(cast, id);
      expect(await ticketOf(cast.pharmacy, id)).toMatchObject({ status: 'sent', prescriptionId: held });
      await app.call(cast.pharmacy, 'POST', `/api/tickets/${id}/status`, { status: 'received' });
      await move(held, 'fail_validation');
      expect(await ticketOf(cast.pharmacy, id)).toMatchObject({ status: 'received', prescriptionId: passed });
    });

    it('also when both happen at once', async () => {
      const cast = await app.cast();
      const id = await app.open(cast);
      const [held, passed] = [await blocked(cast, id), await app.save(cast, id)];
      const unsent = `status = 'created', sent_at = NULL, prescription_id = $2`;
      for (let round = 0; round < 6; round++) {
        await app.sql(`UPDATE healthcare_tickets SET ${unsent} WHERE id = $1`, [id, held]);
        await Promise.all([held, passed].map((one) => stands(one, 'received')));
        await Promise.all([move(held, 'fail_validation'), move(passed, 'pass_validation')]);
        expect(await ticketOf(cast.pharmacy, id)).toMatchObject({ status: 'sent', prescriptionId: passed });
        // The worker takes it on from there.
        await reaches(passed, 'pharmacy_selected');
      }
    });
  });

  describe('of a ticket without a pharmacy', () => {
    const startOf = async () => {
      const [cast, next] = [await app.cast(), await app.pharmacy()];
      const id = await app.open(cast, { pharmacyId: undefined });
      const waiting = 'awaiting_pharmacy_selection';
      const [first, second, third] = [
        await app.save(cast, id, waiting),
        await app.save(cast, id, waiting),
        await app.save(cast, id, waiting),
      ];
      const staff = await app.user('pharmacy', { pharmacyId: next });
      const read = async (who: string, prescription: string) =>
        (await app.call(who, 'GET', `/api/prescriptions/${prescription}`)).status;
      const listed = async (who: string) => (await app.call(who, 'GET', '/api/tickets')).body.items;
      return { cast, id, first, second, third, next, staff, read, listed };
    };

    it('leaves it to the one that got a pharmacy before it', async () => {
      const { cast, id, first, second, third, next, staff, read, listed } = await startOf();
      expect((await choose(cast, second, cast.pharmacyId)).status).toBe(200);
      const atFirst = { id, status: 'sent', prescriptionId: first, secondaryProviderId: cast.pharmacyId };
      expect(await listed(cast.pharmacy)).toMatchObject([atFirst]);
      expect(await Promise.all([first, second, third].map((one) => read(cast.pharmacy, one)))).toEqual([200, 200, 200]);

      expect((await choose(cast, first, next)).status).toBe(200);
      expect(await listed(cast.pharmacy)).toMatchObject([{ ...atFirst, prescriptionId: second }]);
      expect(await listed(staff)).toMatchObject([{ status: 'sent', prescriptionId: first }]);
      expect(await Promise.all([first, second, third].map((one) => read(cast.pharmacy, one)))).toEqual([404, 200, 200]);
      expect(await Promise.all([first, second, third].map((one) => read(staff, one)))).toEqual([200, 404, 404]);
    });

    it('shares it with those at the same pharmacy, also when all get it at once', async () => {
      const { cast, id, first, second, third, listed, read } = await startOf();
      const chosen = await Promise.all([second, first].map((one) => choose(cast, one, cast.pharmacyId)));
      expect(chosen.map(({ status }) => status)).toEqual([200, 200]);
      expect(await listed(cast.pharmacy)).toMatchObject([{ id, prescriptionId: first }]);
      expect(await read(cast.pharmacy, third)).toBe(200);
    });
  });
});
