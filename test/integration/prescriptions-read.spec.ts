import { get as httpGet, type IncomingMessage } from 'node:http';
import { contextOf, type Principal } from '../../src/modules/auth/index.js';
import { listQuery } from '../../src/modules/prescriptions/list.sql.js';
import { Prescriptions, systemActor, type PrescriptionAction } from '../../src/modules/prescriptions/index.js';
import { generate } from '../../src/demo/generate/index.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { PrescriptionStreams } from '../../src/modules/prescriptions/prescription-streams.js';
import { sha256 } from '../../src/platform/crypto/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startDoorApp, type DoorApp } from '../support/door-app.js';
import { until } from '../support/until.js';

interface Page {
  items: { id: string; state: string; rxNumber: number; receivedAt: string; patient: { lastName: string } | null }[];
  nextCursor: string | null;
}

const bodies = generate({ count: 500, seed: 5, defects: 0, date: '2026-11-20', formats: ['json'] });

describe('reading prescriptions', () => {
  let doors: DoorApp;
  let key: string;
  let ops: string;

  beforeAll(async () => {
    doors = await startDoorApp();
    [key, ops] = [await doors.key(), await doors.user('ops')];
  });
  afterAll(async () => {
    await doors.stop();
  });

  const prescribed = async (authorization = key, change: object = {}): Promise<string> => {
    const payload = { ...(JSON.parse(bodies.next().value?.body ?? '') as object), ...change };
    doors.clock.advance(1);
    const answer = await doors.app.inject({
      method: 'POST',
      url: '/api/intake',
      headers: { authorization, 'content-type': 'application/json' },
      payload,
    });
    return answer.json<{ id: string }>().id;
  };
  const read = (path: string, authorization = ops) =>
    doors.app.inject({ url: `/api/${path}`, headers: { authorization } });
  const page = async (query: string, authorization = ops) =>
    (await read(`prescriptions?${query}`, authorization)).json<Page>();
  const move = (id: string, action: PrescriptionAction) =>
    doors
      .get(Database)
      .tx(systemContext, (tx) =>
        doors.get(Prescriptions).move(tx, { id, action, actor: systemActor, trigger: 'worker' }),
      );

  describe('the list', () => {
    let organizationId: string;
    let authorization: string;
    let ids: string[];

    beforeAll(async () => {
      organizationId = await doors.organization();
      const theirs = await doors.key({ organizationId });
      authorization = await doors.user('ops', { organizationId });
      ids = [];
      for (let index = 0; index < 7; index += 1) ids.unshift(await prescribed(theirs));
    });

    it('goes newest first through pages that neither miss nor repeat', async () => {
      const seen: string[] = [];
      let cursor: string | null = '';
      for (let pages = 0; cursor !== null && pages < 10; pages += 1) {
        const found: Page = await page(`limit=3${cursor && `&cursor=${cursor}`}`, authorization);
        seen.push(...found.items.map(({ id }) => id));
        cursor = found.nextCursor;
      }
      expect(seen).toEqual(ids);
    });

    it('ends exactly at the end', async () => {
      expect((await page('limit=7', authorization)).nextCursor).toBeNull();
      expect((await page('limit=6', authorization)).nextCursor).not.toBeNull();
    });

    it('shows nothing of other organizations', async () => {
      const elsewhere = await doors.user('ops', { organizationId: await doors.organization() });
      expect((await page('', elsewhere)).items).toEqual([]);
    });

    it('filters by state, party, number and time, together', async () => {
      const [newest = '', second = ''] = ids;
      const pharmacyId = newId();
      await doors.sql(`UPDATE prescriptions SET state = 'paid', pharmacy_id = $2 WHERE id = $1`, [newest, pharmacyId]);
      await doors.sql(`UPDATE prescriptions SET state = 'shipped' WHERE id = $1`, [second]);
      const found = async (query: string) => (await page(query, authorization)).items.map(({ id }) => id);
      expect(await found('state=paid')).toEqual([newest]);
      expect(await found('state=paid&state=shipped')).toEqual([newest, second]);
      expect(await found('state=paid,shipped')).toEqual([newest, second]);
      expect(await found(`state=shipped&pharmacyId=${pharmacyId}`)).toEqual([]);
      const { items } = await page('', authorization);
      expect(await found(`rxNumber=${items[3]?.rxNumber}`)).toEqual([ids[3]]);
      expect(await found(`receivedFrom=${items[2]?.receivedAt}`)).toEqual(ids.slice(0, 3));
      expect(await found(`receivedTo=${items[4]?.receivedAt}`)).toEqual(ids.slice(5));
      expect(await found('receivedFrom=2026-01-01&receivedTo=2026-01-02')).toEqual([]);
      const pharmacist = await doors.user('pharmacy', { organizationId, pharmacyId });
      expect((await page(`pharmacyId=${pharmacyId}`, pharmacist)).items).toHaveLength(1);
    });

    it('shows a doctor, a pharmacy and a patient what names them, and nothing to a role that is party to nothing', async () => {
      const [first = '', second = '', third = ''] = ids;
      const [providerId, pharmacyId, patientId] = [newId(), newId(), newId()];
      await doors.sql('UPDATE prescriptions SET provider_id = $2 WHERE id = $1', [first, providerId]);
      await doors.sql('UPDATE prescriptions SET pharmacy_id = $2 WHERE id = $1', [second, pharmacyId]);
      await doors.sql('UPDATE prescriptions SET patient_id = $2 WHERE id = $1', [third, patientId]);
      const seenBy = async (user: string) => (await page('', user)).items.map(({ id }) => id);
      expect(await seenBy(await doors.user('doctor', { organizationId, providerId }))).toEqual([first]);
      expect(await seenBy(await doors.user('pharmacy', { organizationId, pharmacyId }))).toEqual([second]);
      expect(await seenBy(await doors.user('patient', { organizationId, patientId }))).toEqual([third]);
      expect(await seenBy(await doors.user('doctor', { organizationId }))).toEqual([]);
    });

    it('shows a pharmacy what it is asked about and may open, until another one is chosen', async () => {
      const [, , , fourth = ''] = ids;
      const pharmacyId = newId();
      const pharmacist = await doors.user('pharmacy', { organizationId, pharmacyId });
      const seen = async () => ({
        listed: (await page('', pharmacist)).items.map(({ id }) => id),
        opened: (await read(`prescriptions/${fourth}`, pharmacist)).statusCode,
      });
      await doors.sql('UPDATE prescriptions SET asked_pharmacy_id = $2 WHERE id = $1', [fourth, pharmacyId]);
      expect(await seen()).toEqual({ listed: [fourth], opened: 200 });
      await doors.sql('UPDATE prescriptions SET pharmacy_id = $2 WHERE id = $1', [fourth, newId()]);
      expect(await seen()).toEqual({ listed: [], opened: 404 });
    });

    it('shows nothing to the same party id of another organization', async () => {
      const [first = ''] = ids;
      const providerId = newId();
      await doors.sql('UPDATE prescriptions SET provider_id = $2 WHERE id = $1', [first, providerId]);
      const stranger = await doors.user('doctor', { organizationId: await doors.organization(), providerId });
      expect((await page('', stranger)).items).toEqual([]);
    });

    it('refuses one of others in the audit trail, too, as it does one that is not there', async () => {
      const stranger = await doors.user('pharmacy', { organizationId, pharmacyId: newId() });
      for (const id of [ids[0] ?? '', newId()]) {
        expect((await read(`prescriptions/${id}`, stranger)).statusCode).toBe(404);
        const denied = await doors.sql(
          `SELECT actor_role AS role, entity, outcome, reason, organization_id AS organization FROM audit_entries
           WHERE action = 'denied' AND $1 = ANY (entity_ids)`,
          [id],
        );
        const entry = { role: 'pharmacy', entity: 'route', outcome: 'denied', reason: 'prescription.not-found' };
        expect(denied).toEqual([{ ...entry, organization: organizationId }]);
      }
    });

    it('is one audit entry with the ids', async () => {
      await page('limit=2', authorization);
      const [entry] = await doors.sql(
        `SELECT entity_ids FROM audit_entries WHERE action = 'search' AND entity = 'prescription' ORDER BY id DESC LIMIT 1`,
      );
      expect(entry).toEqual({ entity_ids: ids.slice(0, 2) });
    });

    it.each([
      'cursor=nonsense',
      'limit=0',
      'limit=101',
      'state=lost',
      'receivedFrom=yesterday',
      'pharmacyId=1',
      'q=x',
      'rxNumber=1e9',
    ])('refuses %s', async (query) => {
      expect((await read(`prescriptions?${query}`, authorization)).statusCode).toBe(400);
    });

    it('walks an index in order, for staff and for each party', async () => {
      const party = newId();
      const principals = [
        ['ops', 'prescriptions_newest'],
        ['doctor', 'prescriptions_of_provider'],
        ['pharmacy', 'prescriptions_read_by_pharmacy'],
        ['patient', 'prescriptions_of_patient'],
      ] as const;
      for (const [role, index] of principals) {
        const principal: Principal = {
          ...{ kind: 'user', id: party, organizationId: party, role, permissions: new Set() },
          ...{ providerId: party, pharmacyId: party, patientId: party },
        };
        const query = listQuery(principal, {}, 50);
        const plan = await doors.get(Database).tx(contextOf(principal), async (tx) => {
          // Few rows: without this the planner reads them all and sorts, whatever indexes there are.
          await tx.query(
            'SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off',
          );
          return tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${query?.statement.text ?? ''}`, query?.values);
        });
        const text = plan.map((line) => line['QUERY PLAN']).join('\n');
        expect(text).toContain(`using ${index} on prescriptions`);
        expect(text).not.toMatch(/Seq Scan on prescriptions/);
      }
    });
  });

  it('shows one prescription with its order, to whom it names only', async () => {
    const id = await prescribed();
    const answer = await read(`prescriptions/${id}`);
    expect(answer.json()).toMatchObject({ id, state: 'received', version: 1, current: { version: 1, findings: null } });
    expect((await read(`prescriptions/${id}`, await doors.user('doctor', { providerId: newId() }))).statusCode).toBe(
      404,
    );
    expect((await read(`prescriptions/${newId()}`)).statusCode).toBe(404);
    expect((await read('prescriptions/1')).statusCode).toBe(400);
  });

  describe('a correction', () => {
    const resubmit = (id: string, payload: object, authorization = ops) =>
      doors.app.inject({
        method: 'POST',
        url: `/api/prescriptions/${id}/resubmit`,
        headers: { authorization },
        payload,
      });
    const withIssue = async (change?: object) => {
      const id = await prescribed(key, change);
      await move(id, 'fail_validation');
      return id;
    };

    it('merges the patch, keeps both versions, and validates again', async () => {
      const id = await withIssue();
      const answer = await resubmit(id, {
        reason: 'asked the prescriber',
        patch: { medication: { daysSupply: 17 }, note: null },
      });
      expect(answer.json()).toEqual({ id, state: 'received', version: 2 });
      const versions = (await read(`prescriptions/${id}/versions`)).json<
        { version: number; reason: string | null; order: { medication: Record<string, unknown>; note?: string } }[]
      >();
      expect(versions.map(({ version, reason }) => [version, reason])).toEqual([
        [1, null],
        [2, 'asked the prescriber'],
      ]);
      expect(versions[1]?.order).toEqual({
        ...versions[0]?.order,
        note: undefined,
        medication: { ...versions[0]?.order.medication, daysSupply: 17 },
      });
      const jobs = await doors.sql(
        `SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND event = 'intake_received'`,
        [id],
      );
      expect(jobs).toHaveLength(2);
      expect((await read(`prescriptions/${id}`)).json()).toMatchObject({ current: { version: 2 } });
    });

    it('is what patient and pharmacy see, not what it corrected', async () => {
      const id = await withIssue();
      const patch = { patient: { lastName: 'Corrected' } };
      expect((await resubmit(id, { reason: 'another patient was meant', patch })).statusCode).toBe(200);
      const party = newId();
      await doors.sql('UPDATE prescriptions SET patient_id = $2, pharmacy_id = $2 WHERE id = $1', [id, party]);
      const users = await Promise.all([
        doors.user('patient', { patientId: party }),
        doors.user('pharmacy', { pharmacyId: party }),
      ]);
      for (const user of users) {
        const seen = (await read(`prescriptions/${id}/versions`, user)).json<{ version: number }[]>();
        expect(seen.map(({ version }) => version)).toEqual([2]);
      }
    });

    it.each([
      [{ patch: {} }, 'intake.order-invalid', 400],
      [{ reason: 'because', patch: [] }, 'intake.order-invalid', 400],
      [{ reason: 'because', patch: { medication: { colour: 'red' } } }, 'intake.order-invalid', 400],
      [{ reason: 'because', patch: { patient: null } }, 'intake.order-invalid', 400],
      [{ reason: 'because', patch: {} }, 'intake.correction-unchanged', 422],
    ])('refuses %j with %s', async (payload, code, status) => {
      const answer = await resubmit(await withIssue(), payload);
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    });

    it.each(['routing_issue', 'adjudication_issue'])('takes a prescription out of %s', async (state) => {
      const id = await prescribed();
      await doors.sql('UPDATE prescriptions SET state = $2 WHERE id = $1', [id, state]);
      const answer = await resubmit(id, { reason: 'asked by phone', patch: { medication: { daysSupply: 17 } } });
      expect(answer.json()).toEqual({ id, state: 'received', version: 2 });
    });

    it('that takes product and unit away leaves neither behind for routing and claim', async () => {
      const id = await withIssue();
      const rows = () => doors.sql('SELECT ndc, quantity_unit FROM prescriptions WHERE id = $1', [id]);
      expect(await rows()).not.toMatchObject([{ ndc: null }]);
      const medication = { ndc: null, quantityUnit: null, rxnormCode: '314076' };
      expect((await resubmit(id, { reason: 'withdrawn', patch: { medication } })).statusCode).toBe(200);
      expect(await rows()).toEqual([{ ndc: null, quantity_unit: null }]);
    });

    it('takes the reason of an early fill along to no other drug, unless it states one for it', async () => {
      const id = await withIssue();
      const corrected = async (medication: object) => {
        expect((await resubmit(id, { reason: 'asked by phone', patch: { medication } })).statusCode).toBe(200);
        await move(id, 'fail_validation');
        const { current } = (await read(`prescriptions/${id}`)).json<{
          current: { order: { medication: { earlyFillReason?: string } } };
        }>();
        return current.order.medication.earlyFillReason;
      };
      expect(await corrected({ ndc: '70000-0201-60', earlyFillReason: 'lost' })).toBe('lost');
      expect(await corrected({ daysSupply: 17 })).toBe('lost');
      expect(await corrected({ ndc: '70000-0202-60' })).toBeUndefined();
      expect(await corrected({ ndc: '70000-0203-60', earlyFillReason: 'vacation' })).toBe('vacation');
      const answer = await resubmit(id, { reason: 'asked', patch: { medication: { earlyFillReason: 'why not' } } });
      expect(answer.json()).toMatchObject({ code: 'intake.order-invalid' });
    });

    it('declares no signature, and takes none along to another patient', async () => {
      const id = await withIssue();
      const signed = async () =>
        (await read(`prescriptions/${id}/versions`))
          .json<{ order: { digitallySigned?: boolean } }[]>()
          .map(({ order }) => order.digitallySigned);
      const [before] = await signed();
      const claimed = await resubmit(id, { reason: 'signed by phone', patch: { digitallySigned: before !== true } });
      expect(claimed.json()).toMatchObject({ code: 'intake.correction-unchanged' });
      const patch = { digitallySigned: true, patient: { lastName: 'Corrected' } };
      expect((await resubmit(id, { reason: 'another patient was meant', patch })).statusCode).toBe(200);
      expect((await signed()).at(-1)).toBeUndefined();
    });

    it('that is taken back leaves the signature as it came', async () => {
      const id = await withIssue({ digitallySigned: true });
      const current = async () =>
        (await read(`prescriptions/${id}/versions`))
          .json<{ order: { digitallySigned?: boolean; medication: { quantity: number } } }[]>()
          .at(-1)?.order;
      const quantity = (await current())?.medication.quantity ?? 0;
      const seen: unknown[] = [];
      for (const stated of [quantity + 1, quantity / 2, quantity]) {
        await resubmit(id, { reason: 'asked by phone', patch: { medication: { quantity: stated } } });
        await move(id, 'fail_validation');
        seen.push((await current())?.digitallySigned);
      }
      expect(seen).toEqual([undefined, true, true]);
    });

    it('to another schedule is not overruled by the code as received', async () => {
      const id = await withIssue();
      const corrected = async (medication: object) => {
        expect((await resubmit(id, { reason: 'asked by phone', patch: { medication } })).statusCode).toBe(200);
        await move(id, 'fail_validation');
        const orders = (await read(`prescriptions/${id}/versions`)).json<{ order: { medication: object } }[]>();
        return orders.at(-1)?.order.medication;
      };
      const received = { schedule: 'II', scheduleCode: 'C48677' };
      expect(await corrected(received)).toMatchObject(received);
      expect(await corrected({ daysSupply: 19 })).toMatchObject(received);
      const stated = await corrected({ schedule: 'II' });
      expect(stated).toMatchObject({ schedule: 'II' });
      expect(stated).not.toHaveProperty('scheduleCode');
      await corrected({ scheduleCode: 'CII' });
      expect(await corrected({ schedule: 'II', daysSupply: 20 })).toMatchObject({ scheduleCode: 'CII' });
    });

    it('refuses where there is no issue, naming the state', async () => {
      const answer = await resubmit(await prescribed(), { reason: 'because', patch: { note: 'x' } });
      expect(answer.json()).toMatchObject({ code: 'prescription.illegal-action', state: 'received' });
    });

    it('stores a date nobody can read without falling over', async () => {
      const answer = await resubmit(await withIssue(), { reason: 'because', patch: { writtenDate: 'soon' } });
      expect(answer.statusCode).toBe(200);
    });
  });

  describe('timeline and why', () => {
    interface Entry {
      kind: string;
      code: string;
      actor: { kind: string };
      cause: { trigger: string };
      details: Record<string, unknown>;
    }
    const timeline = async (id: string, authorization = ops) =>
      (await read(`prescriptions/${id}/timeline`, authorization)).json<{ items: Entry[] }>().items;
    const why = async (id: string, authorization = ops) =>
      (await read(`prescriptions/${id}/why`, authorization)).json<Record<string, unknown>>();

    it('tell each move in order with actor and cause', async () => {
      const id = await prescribed();
      doors.clock.advance(1_000);
      await move(id, 'pass_validation');
      expect((await timeline(id)).map(({ code, actor, cause }) => [code, actor.kind, cause.trigger])).toEqual([
        ['prescription.receive', 'api_key', 'user'],
        ['prescription.pass_validation', 'system', 'worker'],
      ]);
    });

    it('name a failure first, what failed, since when and how to redrive it; redriving opens the way again', async () => {
      const id = await prescribed();
      const [row] = await doors.sql<{ id: string }>('SELECT id FROM outbox_events WHERE aggregate_id = $1', [id]);
      const deadLetterId = newId();
      await doors.sql('UPDATE outbox_events SET done_at = now(), attempts = 8 WHERE id = $1', [row?.id]);
      await doors.sql(
        `INSERT INTO dead_letters (id, outbox_id, subscriber, queue, aggregate_id, organization_id, reason, attempts, created_at)
         VALUES ($1, $2, 'validation.validate', 'steps', $3, $4, 'vendor.off', 8, $5)`,
        [deadLetterId, row?.id, id, doors.organizationId, doors.clock.now()],
      );
      expect(await why(id)).toMatchObject({
        state: 'received',
        code: 'prescription.dead-letter',
        who: 'ops',
        details: { deadLetterId, job: 'validation.validate', reason: 'vendor.off', attempts: 8 },
      });
      expect((await timeline(id)).map(({ kind }) => kind)).toContain('dead_letter');
      const listed = (await read('dead-letters')).json<{ items: { id: string; prescriptionId: string }[] }>();
      expect(listed.items).toContainEqual(expect.objectContaining({ id: deadLetterId, prescriptionId: id }));
      const redrive = (authorization: string) =>
        doors.app.inject({
          method: 'POST',
          url: `/api/dead-letters/${deadLetterId}/redrive`,
          headers: { authorization },
        });
      expect((await redrive(await doors.user('doctor', { providerId: newId() }))).statusCode).toBe(403);
      const elsewhere = await doors.user('ops', { organizationId: await doors.organization() });
      expect((await redrive(elsewhere)).statusCode).toBe(404);
      expect((await redrive(ops)).statusCode).toBe(200);
      expect((await redrive(ops)).statusCode).toBe(409);
      expect(await doors.sql('SELECT done_at, attempts FROM outbox_events WHERE id = $1', [row?.id])).toEqual([
        { done_at: null, attempts: 0 },
      ]);
      expect((await why(id)).code).not.toBe('prescription.dead-letter');
      expect((await timeline(id)).map(({ kind }) => kind)).toContain('redrive');
    });

    it('name a failure beside the answer once the prescription has moved on in spite of it', async () => {
      const id = await prescribed();
      await doors.sql(
        `INSERT INTO dead_letters (id, outbox_id, subscriber, queue, aggregate_id, organization_id, reason, attempts, created_at)
         VALUES ($1, $2, 'shipping.poll', 'shippo', $3, $4, 'shippo.unanswered', 12, $5)`,
        [newId(), newId(), id, doors.organizationId, doors.clock.now()],
      );
      expect((await why(id)).code).toBe('prescription.dead-letter');
      doors.clock.advance(1_000);
      await move(id, 'pass_validation');
      const answer = await why(id);
      expect(answer.code).not.toBe('prescription.dead-letter');
      expect(answer).toMatchObject({
        details: { openFailures: [{ job: 'shipping.poll', reason: 'shippo.unanswered' }] },
      });
    });

    it('say so when it is over', async () => {
      const id = await prescribed();
      await doors.sql(`UPDATE prescriptions SET state = 'completed' WHERE id = $1`, [id]);
      expect(await why(id)).toMatchObject({ code: 'prescription.completed', who: 'nobody' });
      await doors.sql(`UPDATE prescriptions SET state = 'returned' WHERE id = $1`, [id]);
      expect(await why(id)).toMatchObject({ code: 'cancellation.undone', who: 'ops' });
    });

    it('mention work that is being tried again', async () => {
      const id = await prescribed();
      await doors.sql(
        `UPDATE outbox_events SET done_at = NULL, attempts = 2, last_error = 'ETIMEDOUT' WHERE aggregate_id = $1`,
        [id],
      );
      expect(await why(id)).toMatchObject({ details: { retries: [{ attempts: 2, lastError: 'ETIMEDOUT' }] } });
    });

    it.each(['doctor', 'pharmacy', 'patient'] as const)(
      'do not tell the %s what failed or is tried again, only who acts',
      async (role) => {
        const id = await prescribed();
        const own = { providerId: newId(), pharmacyId: newId(), patientId: newId() };
        await doors.sql('UPDATE prescriptions SET provider_id = $2, pharmacy_id = $3, patient_id = $4 WHERE id = $1', [
          id,
          ...Object.values(own),
        ]);
        const party = await doors.user(role, own);
        await doors.sql(
          `INSERT INTO dead_letters (id, outbox_id, subscriber, queue, aggregate_id, organization_id, reason, attempts, created_at)
         VALUES ($1, $2, 'adjudication.adjudicate', 'steps', $3, $4, 'claim-switch.401', 8, $5)`,
          [newId(), newId(), id, doors.organizationId, doors.clock.now()],
        );
        await doors.sql(
          `UPDATE outbox_events SET done_at = NULL, attempts = 2, last_error = 'ETIMEDOUT' WHERE aggregate_id = $1`,
          [id],
        );
        const held = await why(id, party);
        expect(held).toMatchObject({ code: 'prescription.dead-letter', who: 'ops' });
        doors.clock.advance(1_000);
        await move(id, 'pass_validation');
        const told = JSON.stringify([held, await why(id, party)]);
        expect(told).not.toMatch(
          /claim-switch|adjudication.adjudicate|deadLetter|dead-letters|openFailures|retries|ETIMEDOUT/,
        );
      },
    );

    it('show what vendors were asked for to staff and not to the parties', async () => {
      const id = await prescribed();
      const pharmacyId = newId();
      await doors.sql('UPDATE prescriptions SET pharmacy_id = $2 WHERE id = $1', [id, pharmacyId]);
      await doors.sql(
        `INSERT INTO effects (key, kind, state, request_hash, aggregate_id, organization_id, attempts, held_until, created_at, updated_at)
         VALUES ($1::text, 'stripe.checkout', 'confirmed', 'x', $1::uuid, $2, 1, now(), now(), now())`,
        [id, doors.organizationId],
      );
      expect((await timeline(id)).map(({ code }) => code)).toContain('stripe.checkout');
      const theirs = await timeline(id, await doors.user('pharmacy', { pharmacyId }));
      expect(theirs.map(({ kind }) => kind)).toEqual(['status']);
    });
  });

  describe('the stream', () => {
    interface Stream {
      text: () => string;
      ended: Promise<void>;
      close: () => void;
      has: (piece: string) => Promise<void>;
    }
    const open = async (id: string, headers: Record<string, string> = {}): Promise<Stream> => {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        httpGet(
          `${doors.url}/api/prescriptions/${id}/stream`,
          { headers: { authorization: ops, ...headers } },
          resolve,
        ).on('error', reject);
      });
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('error', () => undefined);
      return {
        text: () => text,
        ended: new Promise((resolve) => response.on('close', resolve)),
        close: () => response.destroy(),
        has: (piece) =>
          until(() => text.includes(piece)).catch(() =>
            Promise.reject(new Error(`the stream never said ${piece}: ${text}`)),
          ),
      };
    };

    it('tells what happened and then what happens', async () => {
      const id = await prescribed();
      const stream = await open(id);
      await stream.has('"to":"received"');
      await move(id, 'pass_validation');
      await stream.has('"to":"validated"');
      expect(stream.text()).toMatch(/id: 1\n[^]*id: 2\n/);
      stream.close();
    });

    it('goes on behind Last-Event-ID, and resets what it cannot continue', async () => {
      const id = await prescribed();
      await move(id, 'pass_validation');
      const resumed = await open(id, { 'last-event-id': '1' });
      await resumed.has('"to":"validated"');
      expect(resumed.text()).not.toContain('"to":"received"');
      resumed.close();
      const reset = await open(id, { 'last-event-id': '99' });
      await reset.has('"to":"validated"');
      expect(reset.text()).toMatch(/event: reset[^]*"to":"received"/);
      reset.close();
    });

    it('is 404 for what is not yours', async () => {
      const answer = await fetch(`${doors.url}/api/prescriptions/${newId()}/stream`, {
        headers: { authorization: ops },
      });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
      ]);
    });

    it('says that it is alive when nothing happens', async () => {
      const stream = await open(await prescribed());
      await stream.has('"to":"received"');
      doors.clock.advance(21_000);
      await stream.has(': alive');
      stream.close();
    });

    it('ends for who is party to it no more, and says nothing of what happens then', async () => {
      const [id, pharmacyId] = [await prescribed(), newId()];
      const choose = (chosen: string) =>
        doors.sql('UPDATE prescriptions SET pharmacy_id = $2 WHERE id = $1', [id, chosen]);
      await choose(pharmacyId);
      const stream = await open(id, { authorization: await doors.user('pharmacy', { pharmacyId }) });
      await stream.has('"to":"received"');
      await choose(newId());
      await move(id, 'pass_validation');
      await stream.ended;
      expect(stream.text()).not.toContain('"to":"validated"');
    });

    it('ends when the token expires', async () => {
      const id = await prescribed();
      const stream = await open(id, { authorization: await doors.user('ops') });
      await stream.has('"to":"received"');
      doors.clock.advance(16 * 60_000);
      await stream.ended;
      ops = await doors.user('ops');
    });

    it('ends when the key it was opened with is revoked', async () => {
      const authorization = await doors.key();
      const stream = await open(await prescribed(), { authorization });
      await stream.has('"to":"received"');
      await doors.sql('UPDATE api_keys SET revoked_at = now() WHERE key_hash = $1', [sha256(authorization.slice(7))]);
      doors.clock.advance(4_000);
      await stream.ended;
    });

    it('does not hold up the end of the server', async () => {
      const stream = await open(await prescribed());
      await stream.has('"to":"received"');
      const started = Date.now();
      doors.get(PrescriptionStreams).beforeApplicationShutdown();
      await stream.ended;
      expect(Date.now() - started).toBeLessThan(4_000);
    });
  });
});
