import { TicketClocks } from '../../src/modules/desk/ticket-clocks.worker.js';
import { TicketNoticesWorker } from '../../src/modules/notifications/ticket-notices.worker.js';
import { Prescriptions, systemActor } from '../../src/modules/prescriptions/index.js';
import { Tickets } from '../../src/modules/tickets/index.js';
import { systemContext, type DbContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startNotices, type NoticedTicket, type NoticesApp } from '../support/notices-app.js';
import { insertPrescription } from '../support/prescription-rows.js';

interface Listed {
  items: { event: string; recipient: string; ticketId: string | null; prescriptionId: string | null; to: string }[];
}

describe('news of a ticket', () => {
  let app: NoticesApp;
  let ops: string;

  beforeAll(async () => {
    app = await startNotices();
    ops = await app.user('ops');
  });
  afterAll(() => app.stop());

  const created = { status: 'created', sent_at: null };
  const mailsOf = async (role: string, column: 'organization_id' | 'pharmacy_id', id: string, ticketId: string) => {
    const found = [];
    for (const email of await app.emails(role, column, id)) found.push(...(await app.mails(email)));
    return found.filter(({ text }) => text.includes(ticketId));
  };
  const mailsOfPharmacy = ({ id, pharmacyId }: NoticedTicket) => mailsOf('pharmacy', 'pharmacy_id', pharmacyId, id);
  const mailsOfOperations = ({ id }: NoticedTicket) => mailsOf('ops', 'organization_id', app.organizationId, id);

  /** As intake and validation leave it. */
  const prescribed = async (ticket: NoticedTicket): Promise<string> => {
    const columns = { state: 'received', path: 'direct', patient_id: ticket.patientId, ticket_id: ticket.id };
    return insertPrescription(app, columns);
  };
  const move = (id: string, action: 'pass_validation' | 'select_pharmacy' | 'reject_claim', facts = {}) =>
    app.db.tx(systemContext, (tx) =>
      app.get(Prescriptions).move(tx, { id, action, actor: systemActor, trigger: 'worker', facts }),
    );

  it('is told to the pharmacy once, when its ticket is sent, and nothing of the patient', async () => {
    const ticket = await app.ticket(created);
    const prescription = await prescribed(ticket);
    await app.sql('UPDATE healthcare_tickets SET prescription_id = $2 WHERE id = $1', [ticket.id, prescription]);
    expect(await mailsOfPharmacy(ticket)).toEqual([]);
    await move(prescription, 'pass_validation');
    await app.settled();
    const [mail, ...more] = await mailsOfPharmacy(ticket);
    expect(more).toEqual([]);
    expect(mail?.text).toContain(`/api/tickets/${ticket.id}`);
    for (const word of ['Ada', 'Marsh', '1980', ticket.email]) expect(JSON.stringify(mail)).not.toContain(word);
    await move(prescription, 'select_pharmacy', { pharmacyId: ticket.pharmacyId });
    await app.settled();
    expect(await mailsOfPharmacy(ticket)).toHaveLength(1);
    expect(await app.notices(ticket.id)).toMatchObject([{ event: 'ticket_sent', kind: 'pharmacy', status: 'sent' }]);
  });

  it('is told to another pharmacy when routing chooses that one, and to nobody who may not sign in any more', async () => {
    const [ticket, other] = [await app.ticket(created), await app.ticket()];
    const prescription = await prescribed(ticket);
    await app.sql('UPDATE users SET disabled_at = now() WHERE pharmacy_id = $1', [ticket.pharmacyId]);
    await move(prescription, 'pass_validation');
    await app.settled();
    expect(await app.notices(ticket.id)).toEqual([]);
    await move(prescription, 'select_pharmacy', { pharmacyId: other.pharmacyId });
    await app.settled();
    expect(await mailsOfPharmacy({ ...ticket, pharmacyId: other.pharmacyId })).toHaveLength(1);
  });

  it('is told again to a pharmacy that had lost its ticket and gets it back, once', async () => {
    const [ticket, other] = [await app.ticket(created), await app.ticket()];
    const prescription = await prescribed(ticket);
    await app.sql('UPDATE healthcare_tickets SET prescription_id = $2 WHERE id = $1', [ticket.id, prescription]);
    const choose = async (pharmacyId: string) => {
      app.clock.advance(1_000);
      await move(prescription, 'select_pharmacy', { pharmacyId });
      await app.settled();
    };
    await move(prescription, 'pass_validation');
    await choose(ticket.pharmacyId);
    await move(prescription, 'reject_claim');
    await choose(other.pharmacyId);
    expect(await mailsOfPharmacy(ticket)).toHaveLength(1);
    await move(prescription, 'reject_claim');
    await choose(ticket.pharmacyId);
    expect(await mailsOfPharmacy(ticket)).toHaveLength(2);
    await move(prescription, 'reject_claim');
    await choose(ticket.pharmacyId);
    expect(await mailsOfPharmacy(ticket)).toHaveLength(2);
    expect(await mailsOfPharmacy({ ...ticket, pharmacyId: other.pharmacyId })).toHaveLength(1);
  });

  it('is told to the pharmacy of a ticket without a prescription when its doctor sends it', async () => {
    const ticket = await app.ticket({ ...created, ticket_type: 'referral' });
    expect(await app.call(ticket.doctor, 'POST', `/api/tickets/${ticket.id}/status`, { status: 'sent' })).toMatchObject(
      {
        status: 200,
      },
    );
    await app.settled();
    expect(await mailsOfPharmacy(ticket)).toHaveLength(1);
  });

  it('is told to operations when it stands still, once, however often the job runs', async () => {
    const ticket = await app.ticket({ breach_at: new Date(app.clock.now().getTime() - 1_000) });
    const run = () => ({ outboxId: newId(), attempt: 1, closed: false });
    await app.get(TicketClocks).read({ slot: 'now' }, run());
    await app.get(TicketClocks).read({ slot: 'now' }, run());
    await app.settled();
    const [event] = await app.sql<{ id: string }>(
      `SELECT id FROM outbox_events WHERE event = 'ticket_escalated' AND aggregate_id = $1`,
      [ticket.id],
    );
    const again = { outboxId: event?.id ?? '', attempt: 2, closed: false, event: 'ticket_escalated' };
    await app.get(TicketNoticesWorker).toOperations({ ticketId: ticket.id }, again);
    await app.settled();
    expect(await app.notices(ticket.id)).toMatchObject([{ event: 'ticket_escalated', kind: 'ops', status: 'sent' }]);
    const [mail, ...more] = await mailsOfOperations(ticket);
    expect([mail?.subject, more]).toEqual(['Test: a ticket stands still', []]);
  });

  it('is told to operations when the platform needs them, the first of an hour', async () => {
    const { organizationId } = app;
    const open = () =>
      app.db.tx(systemContext, (tx) =>
        app.get(Tickets).openSupport(tx, { organizationId, reason: 'webhook.parked', details: {} }),
      );
    const together = [await open(), await open()];
    await app.settled();
    app.clock.advance(3_600_000);
    const later = await open();
    await app.settled();
    const sent = { event: 'support_requested', kind: 'ops', status: 'sent' };
    const [one, other] = await Promise.all(together.map((id) => app.notices(id)));
    // Of one moment either may be the first.
    expect([...(one ?? []), ...(other ?? [])]).toMatchObject([sent]);
    expect(await app.notices(later)).toMatchObject([sent]);
    const [mail] = await mailsOf('ops', 'organization_id', organizationId, later);
    expect(mail?.subject).toBe('Test: something needs you');
  });

  describe('once told', () => {
    let ticket: NoticedTicket;

    beforeAll(async () => {
      ticket = await app.ticket({ ...created, ticket_type: 'referral' });
      await app.call(ticket.doctor, 'POST', `/api/tickets/${ticket.id}/status`, { status: 'sent' });
      await app.say(ticket, ticket.patient, { text: 'Is it on its way?' });
      await app.say(ticket, ticket.doctor, { text: 'It is.', audience: 'all' });
      await app.settled();
      app.clock.advance(60_000);
      await app.settled();
    });

    it('is listed to operations with whom it was told to, and to nobody of another organization', async () => {
      const url = `/api/notifications?ticketId=${ticket.id}`;
      const { items } = (await app.call(ops, 'GET', url)).body as unknown as Listed;
      expect(items.map(({ event, recipient }) => `${event} ${recipient}`).toSorted()).toEqual([
        'message_posted ops',
        'message_posted patient',
        'message_posted patient',
        'ticket_sent pharmacy',
      ]);
      expect(items[0]).toMatchObject({ ticketId: ticket.id, prescriptionId: null });
      expect(JSON.stringify(items)).not.toContain(ticket.email);
      const stranger = await app.user('ops', { organizationId: await app.organization() });
      expect((await app.call(stranger, 'GET', url)).body).toMatchObject({ items: [] });
    });

    it('shows the patient who looked at what the patient was told', async () => {
      const looks = async () =>
        ((await app.call(ticket.patient, 'GET', '/api/me/access-log')).body as unknown as { items: object[] }).items;
      const isOfOperations = { action: 'search', data: 'messages', who: { role: 'ops' } };
      const before = (await looks()).length;
      app.clock.advance(1_000);
      await app.call(ops, 'GET', `/api/notifications?ticketId=${ticket.id}`);
      expect((await looks())[0]).toMatchObject(isOfOperations);
      expect((await looks()).length).toBeGreaterThan(before);
    });

    it.each([
      ['operations', ['ops', 'patient', 'pharmacy']],
      ['doctor', ['patient', 'pharmacy']],
      ['pharmacy', ['patient', 'pharmacy']],
      ['patient', ['patient']],
    ] as const)('stands in the timeline of the ticket for the %s, as far as it is theirs', async (who, recipients) => {
      const reader = who === 'operations' ? ops : ticket[who];
      const url = `/api/tickets/${ticket.id}/timeline?kind=notification`;
      const { items } = (await app.call(reader, 'GET', url)).body as unknown as {
        items: { code: string; details: { recipient: string } }[];
      };
      expect([...new Set(items.map(({ details }) => details.recipient))].toSorted()).toEqual(recipients);
    });

    it('is nobody else’s by the database alone', async () => {
      const seen = (context: DbContext) =>
        app.db.tx(context, (tx) =>
          tx.query('SELECT recipient_kind FROM notifications WHERE ticket_id = $1', [ticket.id]),
        );
      const organization = app.organizationId;
      const attempts = (context: DbContext) =>
        app.db.tx(context, (tx) => tx.query('SELECT 1 FROM notification_attempts'));
      const patient = { role: 'patient', organization, patient: ticket.patientId };
      expect(await seen(patient)).toHaveLength(2);
      expect(await attempts(patient)).toHaveLength(2);
      expect(await seen({ role: 'pharmacy', organization, pharmacy: ticket.pharmacyId })).toHaveLength(3);
      expect(await seen({ role: 'patient', organization, patient: newId() })).toEqual([]);
      expect(await seen({ role: 'pharmacy', organization, pharmacy: newId() })).toEqual([]);
      expect(await seen({ role: 'ops', organization: newId() })).toEqual([]);
      expect(await seen({ role: 'patient', organization: newId(), patient: ticket.patientId })).toEqual([]);
    });
  });
});
