import { currentConsentText, Enrollments } from '../../src/modules/enrollment/index.js';
import { Coverages, type Coverage } from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { proof, startEnrollmentApp, type EnrollmentApp, type NewPrescription } from '../support/enrollment-app.js';

const consent = { version: currentConsentText().version, accepted: true };
/** Nothing on it betrays what it is but the name. */
const medicaid = { bin: '610084', pcn: '4336', cardholderId: 'TX9988776' };

describe('government coverage', () => {
  let app: EnrollmentApp;

  beforeAll(async () => {
    app = await startEnrollmentApp();
  });
  afterAll(async () => app.stop());

  const current = async (patientId: string): Promise<Coverage | undefined> =>
    app.db.tx(systemContext, (tx) => app.get(Coverages).current(tx, patientId));
  const codeOf = async (id: string): Promise<string> => {
    const asked = (await app.events(id)).filter(({ event }) => event === 'enrollment_code_requested').at(-1);
    const code = await app.db.tx(systemContext, (tx) =>
      app.get(Enrollments).codeFor(tx, asked?.payload['codeId'] ?? ''),
    );
    return code ?? '';
  };
  /** A link of an order whose claim was rejected: the patient has a coverage on file by then. */
  const cardCheck = async (patientId: string) => {
    app.clock.advance(60_000);
    const id = await app.prescription({ patientId, state: 'adjudication_issue' });
    const authorization = await app.key();
    await app.call('POST', `/api/prescriptions/${id}/enrollment`, undefined, { authorization });
    const token = (await app.tokenOf(id)) ?? '';
    return { id, api: `/api/enrollment/${token}`, page: `/enroll/${token}` };
  };
  const complete = async (api: string, coverage: object, headers?: Record<string, string>): Promise<void> => {
    const session = headers ?? (await app.session(api));
    expect((await app.call('POST', api, { coverage, consent }, session)).status).toBe(200);
  };
  const enrolled = async (coverage: object, wanted: NewPrescription = {}): Promise<string> => {
    const patientId = await app.patient();
    await complete((await app.started({ ...wanted, patientId })).api, coverage);
    return patientId;
  };
  /** A session that has answered the one-time code. */
  const seen = async ({ id, api }: { id: string; api: string }): Promise<Record<string, string>> => {
    const session = await app.session(api);
    await app.call('POST', `${api}/code`, { channel: 'sms' }, session);
    await app.call('POST', `${api}/code/verify`, { code: await codeOf(id) }, session);
    return session;
  };

  describe('on the pages', () => {
    const entered = async (page: string): Promise<{ cookie: string }> => {
      const answer = await app.call('POST', `${page}/identity`, new URLSearchParams(proof));
      return { cookie: answer.headers.get('set-cookie')?.split(';', 1)[0] ?? '' };
    };
    const form = (fields: Record<string, string>): FormData => {
      const data = new FormData();
      for (const [name, value] of Object.entries(fields)) data.append(name, value);
      return data;
    };
    const finish = async (page: string, headers: { cookie: string }): Promise<void> => {
      const agreed = new URLSearchParams({ version: consent.version, accepted: 'yes' });
      expect((await app.call('POST', `${page}/complete`, agreed, headers)).status).toBe(303);
    };
    const chosen = (html: string): string[] =>
      [...html.matchAll(/id="government-(\w+)"[^>]* checked>/g)].map(([, answer]) => answer ?? '');

    it('is shown as it was said, and stays what it was with the card it is shown with', async () => {
      const patientId = await enrolled({ ...medicaid, payerName: 'Lone Star Choice', government: true });
      const { id, page } = await cardCheck(patientId);
      const headers = await entered(page);
      expect(chosen((await app.call('GET', page, undefined, headers)).text)).toEqual([]);
      await app.call('POST', `${page}/code`, new URLSearchParams({ channel: 'sms' }), headers);
      const code = new URLSearchParams({ code: await codeOf(id) });
      await app.call('POST', `${page}/code/verify`, code, headers);
      expect(chosen((await app.call('GET', page, undefined, headers)).text)).toEqual(['yes']);
      const shown = form({ payer: 'insurance', ...medicaid, relationship: '1', government: 'yes' });
      expect((await app.call('POST', `${page}/coverage`, shown, headers)).status).toBe(303);
      await finish(page, headers);
      expect(await current(patientId)).toMatchObject({ government: true, payerName: 'Lone Star Choice' });
    });

    it.each(['insurance', 'on_file'])('is asked about before %s pays', async (payer) => {
      const { page } = await app.started({ coverage: medicaid });
      const headers = await entered(page);
      const unanswered = await app.call('POST', `${page}/coverage`, form({ payer, ...medicaid }), headers);
      expect(unanswered.status).toBe(422);
      expect(unanswered.text).toContain('Say whether it is government coverage.');
      const cash = await app.call('POST', `${page}/coverage`, form({ payer: 'cash' }), headers);
      expect(cash.status).toBe(303);
    });

    it('counts with a card the doctor sent and nobody has looked at', async () => {
      const patientId = await app.patient();
      const { page } = await app.started({ patientId, coverage: medicaid });
      const headers = await entered(page);
      await app.call('POST', `${page}/coverage`, form({ payer: 'on_file', government: 'yes' }), headers);
      await finish(page, headers);
      expect(await current(patientId)).toMatchObject({ ...medicaid, government: true });
    });
  });

  it('of the doctor’s note is open until somebody says, or the card does', async () => {
    const stored = async (coverage: object) => {
      const link = await app.started({ coverage });
      return (await app.call('GET', `${link.api}/coverage`, undefined, await seen(link))).json;
    };
    expect(await stored(medicaid)).not.toHaveProperty('government');
    expect(await stored({ ...medicaid, payerName: 'Texas Medicaid' })).toMatchObject({ government: true });
  });

  it('is told by the payer’s name that goes with its card, also when only the number is typed again', async () => {
    const patientId = await enrolled({ onFile: true }, { coverage: { ...medicaid, payerName: 'Texas Medicaid' } });
    await complete((await cardCheck(patientId)).api, { ...medicaid, pcn: '4337', government: false });
    expect(await current(patientId)).toMatchObject({ pcn: '4337', payerName: 'Texas Medicaid', government: true });
  });

  it('is what the patient says of the card on file: a row of its own, with its pictures', async () => {
    const patientId = await enrolled({ ...medicaid, government: false });
    await app.sql(`UPDATE coverages SET front_key = 'cards/front' WHERE patient_id = $1`, [patientId]);
    const link = await cardCheck(patientId);
    await complete(link.api, { onFile: true, government: true });
    expect(await current(patientId)).toMatchObject({ ...medicaid, government: true });
    const rows = await app.sql(
      `SELECT government, ended_at IS NULL AS active, front_key AS front FROM coverages WHERE patient_id = $1 ORDER BY id`,
      [patientId],
    );
    expect(rows).toEqual([
      { government: false, active: false, front: 'cards/front' },
      { government: true, active: true, front: 'cards/front' },
    ]);
    await complete((await cardCheck(patientId)).api, { onFile: true });
    expect(await app.sql('SELECT 1 FROM coverages WHERE patient_id = $1', [patientId])).toHaveLength(2);
  });

  it.each([
    ['nothing is said', {}],
    ['"no" is said unseen', { government: false }],
  ])('stays with its plan when %s', async (_, said) => {
    const patientId = await enrolled({ ...medicaid, government: true });
    await complete((await cardCheck(patientId)).api, { cash: true });
    await complete((await cardCheck(patientId)).api, { ...medicaid, cardholderId: 'TX1122334', ...said });
    expect(await current(patientId)).toMatchObject({ cardholderId: 'TX1122334', government: true });
    await complete((await cardCheck(patientId)).api, { onFile: true, ...said });
    expect(await current(patientId)).toMatchObject({ government: true });
    await complete((await cardCheck(patientId)).api, { bin: '610011', cardholderId: 'A1', ...said });
    expect(await current(patientId)).toMatchObject({ government: false });
  });

  it.each([{ onFile: true }, medicaid])('said by mistake is taken back by who has seen it: %j', async (chosen) => {
    const patientId = await enrolled({ ...medicaid, government: true });
    const link = await cardCheck(patientId);
    await complete(link.api, { ...chosen, government: false }, await seen(link));
    expect(await current(patientId)).toMatchObject({ ...medicaid, government: false });
    await complete((await cardCheck(patientId)).api, medicaid);
    expect(await current(patientId)).toMatchObject({ government: false });
  });
});
