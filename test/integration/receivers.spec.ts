import { generate } from '../../src/demo/generate/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startDoorApp, type DoorApp } from '../support/door-app.js';
import { rowCounts } from '../support/rows.js';

const messages = generate({ count: 50, seed: 91, defects: 0, date: '2026-11-20', formats: ['script-2023011'] });

describe('a NewRx addressed to somebody', () => {
  let doors: DoorApp;
  let choosy: string;
  let open: string;

  beforeAll(async () => {
    doors = await startDoorApp();
    const organizationId = await doors.organization({ script_mailboxes: ['7000001', 'LAKESIDE'] });
    await doors.sql(
      `INSERT INTO pharmacies (id, organization_id, name, npi, ncpdp_id, kind, street, city, state, zip, time_zone,
         licensed_states, schedules, forms, daily_capacity, turnaround_hours, dispensing_fee_cents, created_at)
       VALUES ($1, $2, 'Corner', '1993999998', '4500010', 'partner', '1 Main St', 'Austin', 'TX', '78701', 'America/Chicago',
         '{TX}', '{}', '{tablet}', 10, 24, 500, now())`,
      [newId(), organizationId],
    );
    [choosy, open] = [await doors.key({ organizationId }), await doors.key()];
  });
  afterAll(async () => {
    await doors.stop();
  });

  const messageTo = (to: string) => {
    const message = messages.next().value;
    if (message === undefined) throw new Error('no more messages');
    return message.body.replace(/<To[^>]*>[^<]*<\/To>/, to);
  };
  const send = async (body: string, authorization: string) => {
    const answer = await doors.app.inject({
      method: 'POST',
      url: '/api/intake',
      headers: { authorization, 'content-type': 'application/xml' },
      payload: body,
    });
    return { status: answer.statusCode, body: answer.body, code: /<Code>(\d+)</.exec(answer.body)?.[1] };
  };

  it.each([
    ['its own NCPDP id', '<To Qualifier="P">7000001</To>'],
    ['its own mailbox', '<To Qualifier="M">Lakeside</To>'],
    ['a pharmacy of its directory', '<To Qualifier="P">4500010</To>'],
    ['a pharmacy of its directory by NPI', '<To Qualifier="P">1993999998</To>'],
    ['nobody', ''],
  ])('is taken by an organization with mailboxes when it is for %s', async (_, to) => {
    expect(await send(messageTo(to), choosy)).toMatchObject({ status: 200, code: '010' });
  });

  it.each([
    ['another pharmacy', '<To Qualifier="P">1234567</To>'],
    ['another mailbox', '<To Qualifier="M">ELSEWHERE</To>'],
  ])('gets Error 900 and leaves nothing when it is for %s', async (_, to) => {
    const before = await rowCounts(doors);
    const answer = await send(messageTo(to), choosy);
    expect(answer).toMatchObject({ status: 200, code: '900' });
    expect(answer.body).toContain('<DescriptionCode>002</DescriptionCode>');
    const [, description = ''] = /<Description>([^<]*)</.exec(answer.body) ?? [];
    expect(description).toBe('The message is addressed to a pharmacy that is not served here.');
    expect(description.length).toBeLessThanOrEqual(70);
    expect(await rowCounts(doors)).toEqual(before);
  });

  it('is taken by an organization without mailboxes whoever it is for', async () => {
    expect((await send(messageTo('<To Qualifier="P">1234567</To>'), open)).code).toBe('010');
  });

  it('gets its stored answer again, also after the mailboxes have changed', async () => {
    const organizationId = await doors.organization();
    const key = await doors.key({ organizationId });
    const body = messageTo('<To Qualifier="P">1234567</To>');
    const first = await send(body, key);
    const other = await doors.key({ organizationId });
    await doors.sql(`UPDATE organizations SET script_mailboxes = '{7000001}' WHERE id = $1`, [organizationId]);
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    expect((await send(messageTo('<To Qualifier="P">1234567</To>'), other)).code).toBe('900');
    expect((await send(body, key)).body).toBe(first.body);
  });
});
