import { DeskModule } from '../../src/modules/desk/index.js';
import { TicketClocks } from '../../src/modules/desk/ticket-clocks.worker.js';
import { DirectoryModule, Pharmacies, type PharmacyKind } from '../../src/modules/directory/index.js';
import {
  Prescriptions,
  PrescriptionsModule,
  systemActor,
  type Facts,
  type PrescriptionAction,
} from '../../src/modules/prescriptions/index.js';
import { ThreadsModule } from '../../src/modules/threads/index.js';
import { TicketsModule } from '../../src/modules/tickets/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { FrozenClock } from '../support/frozen-clock.js';
import { startModules, type ModuleApp } from '../support/module-app.js';
import { insertPrescription } from '../support/prescription-rows.js';
import { surroundings } from '../support/surroundings.js';

/** The Monday before Thanksgiving, as the pharmacies in Chicago open (from nine to six); `sent` has four of their hours, `ready` forty. */
const opening = '2026-11-23T15:00:00Z';
const hourMs = 3_600_000;

interface Clocked {
  status: string;
  since: string;
  breach: string | null;
  escalated: boolean;
}

describe('the clock of a ticket', () => {
  let app: ModuleApp;
  const clock = new FrozenClock();

  beforeAll(async () => {
    app = await startModules(await surroundings('clocks'), {
      modules: [DirectoryModule, TicketsModule, ThreadsModule, PrescriptionsModule, DeskModule],
      clock,
    });
  });
  afterAll(() => app.stop());
  beforeEach(() => {
    clock.set(opening);
  });

  let made = 0;
  const pharmacy = async (kind: PharmacyKind = 'partner'): Promise<string> => {
    made += 1;
    const { id } = await app.db.tx(systemContext, (tx) =>
      app.get(Pharmacies).create(tx, app.organizationId, {
        name: `Pharmacy ${made}`,
        npi: `${1_439_999_907 + made}`,
        ncpdpId: String(4_300_000 + made),
        kind,
        street: '1 Main St',
        city: 'Austin',
        state: 'TX',
        zip: '78701',
        timeZone: 'America/Chicago',
        licensedStates: ['TX'],
        schedules: [],
        forms: ['tablet'],
        networks: {},
        dailyCapacity: 100,
        turnaroundHours: 24,
        dispensingFeeCents: 500,
      }),
    );
    return id;
  };
  /** A prescription with a ticket that has just got its status. */
  const at = async (state: string, pharmacyId: string | null, status = 'sent'): Promise<string> => {
    const id = await insertPrescription(app, { state, pharmacy_id: pharmacyId });
    await app.sql(
      `UPDATE healthcare_tickets t SET prescription_id = p.id, secondary_provider_id = p.pharmacy_id, status = $2
       FROM prescriptions p WHERE p.id = $1 AND t.id = p.ticket_id`,
      [id, status],
    );
    return id;
  };
  const move = (id: string, action: PrescriptionAction, facts: Facts = {}) =>
    app.db.tx(systemContext, (tx) =>
      app.get(Prescriptions).moveOrRefuse(tx, { id, action, actor: systemActor, trigger: 'worker', facts }),
    );
  const ticketOf = async (id: string) => {
    const [ticket] = await app.sql<Clocked>(
      `SELECT t.status, to_json(t.status_since AT TIME ZONE 'UTC') AS since, to_json(t.breach_at AT TIME ZONE 'UTC') AS breach,
         t.escalated_at IS NOT NULL AS escalated
       FROM healthcare_tickets t JOIN prescriptions p ON p.ticket_id = t.id WHERE p.id = $1`,
      [id],
    );
    return ticket;
  };
  /** As the minute's job leaves the ticket. */
  const read = async (id: string) => {
    await app.get(TicketClocks).read({ slot: 'now' }, { outboxId: newId(), attempt: 1, closed: false });
    return ticketOf(id);
  };
  const after = (hours: number) => clock.advance(hours * hourMs);

  it('begins when a pharmacy gets it, not when the prescription passed validation', async () => {
    const id = await at('awaiting_pharmacy_selection', null);
    after(20);
    await move(id, 'select_pharmacy', { pharmacyId: await pharmacy() });
    expect(await read(id)).toEqual({
      status: 'sent',
      since: '2026-11-24T11:00:00',
      breach: '2026-11-24T19:00:00',
      escalated: false,
    });
  });

  it('begins anew for the next pharmacy, also when the former one was told of', async () => {
    const id = await at('pharmacy_selected', await pharmacy());
    await read(id);
    after(5);
    expect(await read(id)).toMatchObject({ escalated: true });
    await move(id, 'reject_claim');
    await move(id, 'select_pharmacy', { pharmacyId: await pharmacy() });
    expect(await read(id)).toMatchObject({
      status: 'sent',
      since: '2026-11-23T20:00:00',
      breach: '2026-11-24T00:00:00',
      escalated: false,
    });
    after(5);
    expect(await read(id)).toMatchObject({ escalated: true });
  });

  it('begins anew with the hand-over, also when it was told before', async () => {
    const id = await at('pharmacy_selected', await pharmacy());
    await read(id);
    after(5);
    expect(await read(id)).toMatchObject({ escalated: true });
    await move(id, 'hand_to_pharmacy');
    expect(await read(id)).toMatchObject({ breach: '2026-11-24T00:00:00', escalated: false });
    after(5);
    expect(await read(id)).toMatchObject({ status: 'sent', since: '2026-11-23T15:00:00', escalated: true });
  });

  it('of one that was seen early counts from the hand-over', async () => {
    const id = await at('awaiting_payment', await pharmacy(), 'received');
    expect(await read(id)).toMatchObject({ breach: null });
    after(72);
    await move(id, 'settle');
    await move(id, 'hand_to_pharmacy');
    expect(await read(id)).toMatchObject({ status: 'received', breach: '2026-11-27T23:00:00', escalated: false });
  });

  it.each(['awaiting_enrollment', 'awaiting_payment'])('rests while the patient is asked: %s', async (state) => {
    const id = await at(state, await pharmacy());
    await read(id);
    after(48);
    expect(await read(id)).toMatchObject({ breach: null, escalated: false });
  });

  it.each(['validation_issue', 'routing_issue', 'adjudication_issue'])(
    'rests while others mend what is wrong: %s',
    async (state) => {
      const id = await at(state, await pharmacy(), 'received');
      await read(id);
      after(48);
      expect(await read(id)).toMatchObject({ breach: null, escalated: false });
    },
  );

  it('is counted anew when the pharmacy says that it is closed, unless operations were told already', async () => {
    const pharmacyId = await pharmacy();
    const [id, told] = [await at('sent_to_pharmacy', pharmacyId), await at('sent_to_pharmacy', pharmacyId)];
    expect(await read(id)).toMatchObject({ breach: '2026-11-23T19:00:00' });
    await app.sql(
      `UPDATE healthcare_tickets t SET escalated_at = $2 FROM prescriptions p WHERE p.id = $1 AND t.id = p.ticket_id`,
      [told, opening],
    );
    await app.db.tx(systemContext, (tx) =>
      app.get(Pharmacies).change(tx, app.organizationId, pharmacyId, { closedOn: ['2026-11-23'] }),
    );
    const [job] = await app.sql<{ id: string; payload: { pharmacyId: string } }>(
      `SELECT id, payload FROM outbox_events WHERE subscriber = 'desk.reset_clocks' AND done_at IS NULL`,
    );
    const run = { outboxId: job?.id ?? '', attempt: 1, closed: false };
    await app.get(TicketClocks).reset(job?.payload ?? { pharmacyId: '' }, run);
    expect(await read(id)).toMatchObject({ breach: '2026-11-24T19:00:00', escalated: false });
    expect(await read(told)).toMatchObject({ breach: '2026-11-23T19:00:00', escalated: true });
  });

  it('ends with the parcel of a pharmacy that ships by itself', async () => {
    const id = await at('ready_for_pickup', await pharmacy(), 'ready');
    expect(await read(id)).toMatchObject({ breach: '2026-11-30T19:00:00' });
    await move(id, 'ship');
    expect(await read(id)).toMatchObject({ status: 'ready', breach: null });
    await move(id, 'scan');
    await move(id, 'scan_out_for_delivery');
    expect(await read(id)).toMatchObject({ status: 'ready', breach: null });
  });

  it('of an order with a label of ours has the hours of `ready` until the carrier scans the parcel', async () => {
    const id = await at('paid', await pharmacy('platform_label'));
    await move(id, 'ship');
    expect(await read(id)).toMatchObject({ status: 'sent', breach: '2026-11-30T19:00:00' });
    await move(id, 'scan');
    expect(await read(id)).toMatchObject({ status: 'sent', breach: null, escalated: false });
  });

  it('tells nobody of a parcel under way, whatever it was set to before', async () => {
    const id = await at('in_transit', await pharmacy());
    await app.sql(
      `UPDATE healthcare_tickets t SET breach_at = $2 FROM prescriptions p WHERE p.id = $1 AND t.id = p.ticket_id`,
      [id, opening],
    );
    after(1);
    expect(await read(id)).toMatchObject({ escalated: false });
  });

  it('is left alone by what happens to other prescriptions of the ticket', async () => {
    const pharmacyId = await pharmacy();
    const first = await at('sent_to_pharmacy', pharmacyId);
    await read(first);
    after(5);
    const other = await at('pharmacy_selected', pharmacyId);
    await app.sql(
      'UPDATE prescriptions p SET ticket_id = f.ticket_id FROM prescriptions f WHERE p.id = $1 AND f.id = $2',
      [other, first],
    );
    expect(await read(first)).toMatchObject({ breach: '2026-11-23T19:00:00', escalated: true });
    await move(other, 'hand_to_pharmacy');
    expect(await read(first)).toMatchObject({ breach: '2026-11-23T19:00:00', escalated: true });
  });
});
