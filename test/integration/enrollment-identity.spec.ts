import { proof, startEnrollmentApp, type EnrollmentApp } from '../support/enrollment-app.js';

const { birthDate } = proof;

describe('a patient without a ZIP code on file', () => {
  let app: EnrollmentApp;

  beforeAll(async () => {
    app = await startEnrollmentApp();
  });
  afterAll(async () => app.stop());

  const zipless = async () => {
    const patientId = await app.patient(app.organizationId, '');
    const [row] = await app.sql<{ lastName: string }>('SELECT last_name AS "lastName" FROM patients WHERE id = $1', [
      patientId,
    ]);
    return { ...(await app.started({ patientId })), lastName: row?.lastName ?? '' };
  };
  const form = (fields: Record<string, string>) => new URLSearchParams(fields);

  it('is asked for birth date and last name, and the link says so without saying any', async () => {
    const { api, page, lastName } = await zipless();
    const [json, html] = [await app.call('GET', api), await app.call('GET', page)];
    expect(json.json['identity']).toEqual(['birthDate', 'lastName']);
    expect(html.text).toContain('<label for="lastName">');
    expect(html.text).not.toContain('<label for="zip">');
    for (const { text } of [json, html]) expect(text).not.toContain(lastName);
  });

  it('comes in with them, by the API and by the page', async () => {
    const { api, page, lastName } = await zipless();
    const opened = await app.call('POST', `${api}/verify`, { birthDate, lastName: ` ${lastName.toUpperCase()}` });
    expect([opened.status, typeof opened.json['sessionToken']]).toEqual([200, 'string']);
    const empty = await app.call('POST', `${page}/identity`, form({ birthDate, lastName: '' }));
    expect([empty.status, empty.text.includes('Enter the last name.')]).toEqual([422, true]);
    const inside = await app.call('POST', `${page}/identity`, form({ birthDate, lastName }));
    expect([inside.status, inside.headers.get('location')]).toEqual([303, page]);
  });

  it('has five tries too: neither a ZIP code nor another name helps', async () => {
    const { id, api, lastName } = await zipless();
    const wrong = [
      { birthDate, lastName: 'Nobody' },
      { birthDate, zip: '78701' },
      { birthDate: '1981-02-28', lastName },
      { birthDate, lastName: '-' },
      { birthDate, lastName: lastName.slice(1) },
    ];
    const left = [];
    for (const body of wrong) {
      const { status, json } = await app.call('POST', `${api}/verify`, body);
      left.push([status, json['code'], json['triesLeft']]);
    }
    expect(left).toEqual([4, 3, 2, 1, 0].map((tries) => [403, 'enrollment.not-recognized', tries]));
    const after = await app.call('POST', `${api}/verify`, { birthDate, lastName });
    expect([after.status, after.json['code']]).toEqual([410, 'enrollment.link-locked']);
    expect(await app.why(id)).toMatchObject({ code: 'enrollment.link-locked', who: 'ops' });
  });

  it('changes nothing for those who have one: a last name is a wrong try', async () => {
    const patientId = await app.patient();
    const [row] = await app.sql<{ lastName: string }>('SELECT last_name AS "lastName" FROM patients WHERE id = $1', [
      patientId,
    ]);
    const lastName = row?.lastName ?? '';
    const { api, page } = await app.started({ patientId });
    expect((await app.call('GET', api)).json['identity']).toEqual(['birthDate', 'zip']);
    const named = await app.call('POST', `${api}/verify`, { birthDate, lastName });
    expect([named.status, named.json['triesLeft']]).toEqual([403, 4]);
    const both = await app.call('POST', `${api}/verify`, { birthDate, lastName, zip: '10001' });
    expect([both.status, both.json['triesLeft']]).toEqual([403, 3]);
    const byForm = await app.call('POST', `${page}/identity`, form({ birthDate, lastName }));
    expect([byForm.status, byForm.text.includes('Enter a ZIP code of five digits.')]).toEqual([422, true]);
    expect((await app.call('POST', `${api}/verify`, { birthDate })).status).toBe(400);
    expect((await app.call('POST', `${api}/verify`, proof)).status).toBe(200);
  });
});
