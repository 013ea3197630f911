import { currentConsentText, Enrollments } from '../../src/modules/enrollment/index.js';
import { EnrollmentWorker } from '../../src/modules/enrollment/enrollment.worker.js';
import { systemContext } from '../../src/platform/db/index.js';
import { proof, startEnrollmentApp, type EnrollmentApp, type NewPrescription } from '../support/enrollment-app.js';

const consent = { version: currentConsentText().version, accepted: true };
const onFile = { reason: 'coverage and consent on file', actor: 'system' };

describe('the enrollment of a patient with several prescriptions', () => {
  let app: EnrollmentApp;

  beforeAll(async () => {
    app = await startEnrollmentApp();
  });
  afterAll(async () => app.stop());

  const several = async (...wanted: NewPrescription[]) => {
    const patientId = await app.patient();
    const [first, ...others] = await Promise.all(wanted.map((one) => app.started({ patientId, ...one })));
    if (first === undefined) throw new Error('no prescription');
    return { patientId, first, others };
  };
  const complete = async (api: string, said: object = { coverage: { cash: true } }) => {
    const answer = await app.call('POST', api, { ...said, consent }, await app.session(api));
    expect(answer.status).toBe(200);
  };
  /** The jobs a completed enrollment leaves, done as often as wanted. */
  const followUp = async (id: string, times = 1) => {
    const jobs = await app.sql<{ outboxId: string; payload: { patientId: string } }>(
      `SELECT id AS "outboxId", payload FROM outbox_events WHERE aggregate_id = $1 AND subscriber = 'enrollment.skip_others'`,
      [id],
    );
    expect(jobs).toHaveLength(1);
    const runs = jobs.flatMap((job) => Array.from({ length: times }, () => job));
    await Promise.all(
      runs.map(({ payload, outboxId }) =>
        app.get(EnrollmentWorker).skipOthers(payload, { outboxId, attempt: 1, closed: false }),
      ),
    );
    return jobs[0]?.outboxId;
  };
  const completed = (id: string) =>
    app.sql<{ reason: string; actor: string }>(
      `SELECT reason, actor_kind AS actor FROM prescription_status_events
       WHERE prescription_id = $1 AND action = 'complete_enrollment'`,
      [id],
    );

  it('is complete for all of them with the first one, once', async () => {
    const { first, others } = await several({}, {}, { path: 'cash' });
    await complete(first.api);
    const jobId = await followUp(first.id, 2);
    for (const { id } of others) {
      expect(await app.state(id)).toBe('awaiting_routing');
      expect(await completed(id)).toEqual([onFile]);
      expect(await app.tokenOf(id)).toBeUndefined();
      const jobs = await app.sql(
        `SELECT job_id FROM prescription_status_events WHERE prescription_id = $1 AND action = 'complete_enrollment'`,
        [id],
      );
      expect(jobs).toEqual([{ job_id: jobId }]);
    }
    expect(await completed(first.id)).toHaveLength(1);
  });

  it('asks nothing more on the other links, nor who fills one in meanwhile', async () => {
    const { first, others } = await several({}, {});
    const [other] = others;
    const session = await app.session(other?.api ?? '');
    await complete(first.api);
    await followUp(first.id);
    const shown = await app.call('GET', other?.page ?? '');
    expect([shown.status, shown.text.includes('There is nothing more to do here.')]).toEqual([410, true]);
    const tried = await app.call('POST', `${other?.api ?? ''}/verify`, proof);
    expect([tried.status, tried.json['code']]).toEqual([410, 'enrollment.link-used']);
    const late = await app.call('POST', other?.api ?? '', { coverage: { cash: true }, consent }, session);
    expect([late.status, late.json['code']]).toEqual([410, 'enrollment.link-used']);
  });

  it("names no newer link when one of them is rejected for what is not the patient's to mend", async () => {
    const { first, others } = await several({}, {});
    const [other] = others;
    await complete(first.api);
    await followUp(first.id);
    app.clock.advance(60_000);
    await app.sql(`UPDATE prescriptions SET state = 'adjudication_issue', state_since = $2 WHERE id = $1`, [
      other?.id,
      app.clock.now(),
    ]);
    const tried = await app.call('POST', `${other?.api ?? ''}/verify`, proof);
    expect([tried.status, tried.json['code']]).toEqual([410, 'enrollment.link-used']);
    const check = await app.db.tx(systemContext, (tx) =>
      app.get(Enrollments).cardCheck(tx, other?.id ?? '', app.clock.now()),
    );
    expect(check).toBe('not-sent');
  });

  it('goes on for one that waits for operations to begin, or is about to', async () => {
    const { patientId, first } = await several({});
    const waiting = await app.prescription({ patientId });
    await complete(first.api);
    await followUp(first.id);
    expect(await completed(waiting)).toEqual([onFile]);
    await app.begin(waiting);
    expect(await app.state(waiting)).toBe('awaiting_routing');
  });

  it('is complete for the others also with a card that was corrected', async () => {
    const { first, others } = await several({}, {});
    await app.sql(`UPDATE prescriptions SET state = 'adjudication_issue' WHERE id = $1`, [first.id]);
    await complete(first.api);
    await followUp(first.id);
    expect(await app.state(others[0]?.id ?? '')).toBe('awaiting_routing');
  });

  it('is still open for what the first one did not bring, on its own link', async () => {
    const { patientId, first, others } = await several({ path: 'cash' }, {});
    const direct = await app.prescription({ patientId, path: 'direct' });
    const stranger = await app.started();
    await complete(first.api, {});
    await followUp(first.id);
    const [other] = others;
    expect(await app.state(other?.id ?? '')).toBe('awaiting_enrollment');
    expect(await app.tokenOf(other?.id ?? '')).toBe(other?.token);
    expect([await app.state(direct), await app.state(stranger.id)]).toEqual(['validated', 'awaiting_enrollment']);
  });
});
