import { CancellationWorker } from '../../src/modules/cancellation/cancellation.worker.js';
import { currentConsentText } from '../../src/modules/enrollment/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { proof, startEnrollmentApp, type EnrollmentApp } from '../support/enrollment-app.js';

const consent = { version: currentConsentText().version, accepted: true };

describe('the enrollment link of a cancelled prescription', () => {
  let app: EnrollmentApp;

  beforeAll(async () => {
    app = await startEnrollmentApp();
  });
  afterAll(async () => app.stop());

  const cancel = async (id: string) => {
    const authorization = await app.key();
    const answer = await app.call('POST', `/api/prescriptions/${id}/cancel`, { reason: 'stopped' }, { authorization });
    expect(answer.status).toBe(200);
  };
  const undo = (id: string) =>
    app.get(CancellationWorker).compensate({ prescriptionId: id }, { outboxId: newId(), attempt: 1, closed: false });
  const links = (id: string) =>
    app.sql<{ revoked: boolean; token: Buffer | null; used: boolean }>(
      `SELECT revoked_at IS NOT NULL AS revoked, token_sealed AS token, used_at IS NOT NULL AS used
       FROM enrollment_links WHERE prescription_id = $1`,
      [id],
    );
  const steps = (id: string) =>
    app.sql<{ step: string; outcome: string }>(
      'SELECT step, outcome FROM cancellation_steps WHERE prescription_id = $1',
      [id],
    );

  it('is revoked, and there is no token left to send', async () => {
    const { id } = await app.started();
    await cancel(id);
    await undo(id);
    expect(await links(id)).toEqual([{ revoked: true, token: null, used: false }]);
    expect(await app.tokenOf(id)).toBeUndefined();
    expect(await steps(id)).toContainEqual({ step: 'enrollment_link', outcome: 'revoked' });
  });

  it.each([
    ['at once', false],
    ['once it is revoked', true],
  ])('says plainly that it no longer works and whom to ask, %s', async (_, undone) => {
    const { id, api, page } = await app.started();
    await cancel(id);
    if (undone) await undo(id);
    const shown = await app.call('GET', page);
    expect(shown.status).toBe(410);
    expect(shown.text).toContain('<h1>This link no longer works</h1>');
    expect(shown.text).toContain('The order it belongs to was cancelled');
    expect(shown.text).toContain('ask the doctor who wrote the prescription, or call us');
    expect(shown.text).toMatch(/Questions\? Call \S+/);
    expect(shown.text).not.toMatch(/newer link|Ada|Marsh|Secretol/);
    expect((await app.call('GET', api)).json).toMatchObject({ status: 'withdrawn' });
    const tried = await app.call('POST', `${api}/verify`, proof);
    expect([tried.status, tried.json['code']]).toEqual([410, 'enrollment.link-withdrawn']);
    const sent = await app.call('POST', `${page}/identity`, new URLSearchParams(proof), {
      'sec-fetch-site': 'same-origin',
    });
    expect([sent.status, sent.text.includes('this link no longer works')]).toEqual([410, true]);
  });

  it('ends the session of somebody who was filling it in', async () => {
    const { id, api } = await app.started();
    const session = await app.session(api);
    await cancel(id);
    const late = await app.call('POST', api, { coverage: { cash: true }, consent }, session);
    expect([late.status, late.json['code']]).toEqual([410, 'enrollment.link-withdrawn']);
  });

  it('opens nothing of an order that was corrected to another patient', async () => {
    const { id, api } = await app.started();
    const session = await app.session(api);
    const other = await app.patient();
    await app.sql('UPDATE prescriptions SET patient_id = $2 WHERE id = $1', [id, other]);
    const late = await app.call('POST', api, { coverage: { cash: true }, consent }, session);
    expect([late.status, late.json['code']]).toEqual([410, 'enrollment.link-withdrawn']);
    expect(await app.state(id)).toBe('awaiting_enrollment');
    expect(await app.sql('SELECT 1 FROM consents WHERE prescription_id = $1', [id])).toEqual([]);
  });

  it('stays used when the enrollment was complete before', async () => {
    const { id, api } = await app.started();
    await app.call('POST', api, { coverage: { cash: true }, consent }, await app.session(api));
    await cancel(id);
    await undo(id);
    expect(await links(id)).toMatchObject([{ revoked: false, used: true }]);
    expect((await app.call('GET', api)).json).toMatchObject({ status: 'used' });
    expect(await steps(id)).toContainEqual({ step: 'enrollment_link', outcome: 'nothing-to-do' });
  });
});
