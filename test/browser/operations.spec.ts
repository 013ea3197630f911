import { drugs } from '../../src/demo/fates/drugs.js';
import { Story } from '../../src/demo/story.js';
import { obstacles, TestBrowser, type Visit } from '../support/browser.js';
import { startStage, type TestStage } from '../support/stage.js';

describe('somebody at a desk', () => {
  let stage: TestStage;
  let browser: TestBrowser;
  let visit: Visit;

  beforeAll(async () => {
    stage = await startStage();
    browser = await TestBrowser.open();
  });
  beforeEach(async () => {
    visit = await browser.visit({ screen: 'desk' });
  });
  afterAll(async () => {
    await browser.close();
    await stage.stop();
  });

  async function signIn(password = stage.credentials.password): Promise<void> {
    await visit.page.getByLabel('Email').fill(stage.credentials.email);
    await visit.page.getByLabel('Password').fill(password);
    await visit.page.getByRole('button', { name: 'Sign in' }).click();
  }

  it('signs in for the queues, sees them, and can change nothing there', async () => {
    await fetch(`${stage.sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ vendor: 'smtp', kind: '500_after', times: 5 }),
    });
    const story = new Story(stage, stage.orders.next(drugs.lisinopril, 'NY'));
    await story.send({ format: 'json' });
    await story.reached('awaiting_enrollment');
    story.end();

    const { page, complaints, strangers } = visit;
    await page.goto(`${stage.appUrl}/admin/queues`);
    expect(await obstacles(page)).toEqual([]);
    await signIn();
    await page.waitForURL('**/admin/queues**');
    await page.getByRole('link', { name: 'email' }).first().click();
    await page.getByText('Error: email.451').first().waitFor();
    const { firstName, lastName, email } = story.order.patient;
    const said = await page.locator('body').innerText();
    for (const secret of [firstName, lastName, email]) expect(said).not.toContain(secret);
    expect(
      await page.getByRole('button', { name: /retry|promote|clean|pause|empty|obliterate|add job/i }).count(),
    ).toBe(0);
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] });
  });

  it('reads that the password was wrong, and comes in with the right one', async () => {
    const { page } = visit;
    await page.goto(`${stage.appUrl}/admin/login`);
    await signIn('not the password');
    expect(await page.getByRole('alert').innerText()).toBe('The address or the password is wrong.');
    expect(await obstacles(page)).toEqual([]);
    await signIn();
    await page.waitForURL('**/admin/queues**');
  });

  it.each([
    ['SCRIPT', 'application/xml', '200'],
    ['JSON', 'application/json', '202'],
    ['FHIR', 'application/fhir+json', '202'],
  ])('sends the %s example of the documentation as it stands there', async (_, mediaType, status) => {
    const { page, complaints, strangers } = visit;
    await page.goto(`${stage.appUrl}/docs`);
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.getByLabel('auth-bearer-value').fill(stage.admin.token);
    await page.getByRole('button', { name: 'Apply credentials' }).first().click();
    await page.getByRole('button', { name: 'Close' }).click();

    await page.locator('#operations-tag-intake').click();
    const operation = page.locator('.opblock', { has: page.locator('[data-path="/api/intake"]') });
    await operation.locator('.opblock-summary-control').click();
    await operation.getByLabel('Request content type').selectOption(mediaType);
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answered = operation.locator('.live-responses-table tbody .response-col_status').first();
    expect(await answered.innerText()).toBe(status);
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] });
  });
});
