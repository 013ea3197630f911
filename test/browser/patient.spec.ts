import { cardPicture, cardSides } from '../../src/demo/actors/card-picture.js';
import { commercialCard } from '../../src/demo/fates/cards.js';
import { drugs } from '../../src/demo/fates/drugs.js';
import { Story } from '../../src/demo/story.js';
import { obstacles, sideways, TestBrowser, type Visit, type VisitOptions } from '../support/browser.js';
import { startStage, type TestStage } from '../support/stage.js';
import { until } from '../support/until.js';

type Page = Visit['page'];

const heading = (page: Page) => page.getByRole('heading', { level: 1 });

describe('a patient with a browser and nothing else', () => {
  let stage: TestStage;
  let browser: TestBrowser;
  const stories: Story[] = [];

  beforeAll(async () => {
    stage = await startStage();
    browser = await TestBrowser.open();
  });
  afterAll(async () => {
    for (const story of stories) story.end();
    await browser.close();
    await stage.stop();
  });

  async function prescribed(path: 'full' | 'cash'): Promise<Story> {
    const story = new Story(stage, stage.orders.next(drugs.lisinopril, 'NY'));
    stories.push(story);
    await story.send({ format: 'json', path });
    await story.reached('awaiting_enrollment');
    return story;
  }

  /** Opens the newest mail as a person does: the mailbox, the mail, the link, which opens in a tab of its own. */
  async function followMail({ page }: Visit, story: Story, link: string): Promise<Page> {
    const to = encodeURIComponent(story.order.patient.email ?? '');
    const mails = page.locator('article a');
    await until(async () => {
      await page.goto(`${stage.sandbox.url}/mailbox?to=${to}`);
      return (await mails.count()) > 0;
    });
    await mails.first().click();
    const opened = page.waitForEvent('popup');
    await page.locator('pre a', { hasText: link }).click();
    return opened;
  }

  async function sayWho(page: Page, { patient }: Story['order']): Promise<void> {
    await page.getByLabel('Birth date').fill(patient.birthDate ?? '');
    await page.getByLabel('ZIP code').fill(patient.address?.zip ?? '');
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  async function agree(page: Page): Promise<void> {
    await page.getByLabel('I have read this').check();
    await page.getByRole('button', { name: 'Agree and finish' }).click();
    expect(await heading(page).innerText()).toBe('Thank you, all done');
  }

  /** Every page a patient comes to is kept to this. Without scripts nobody can ask the page. */
  async function isForPeople(page: Page, { scripts = true }: VisitOptions = {}): Promise<void> {
    if (!scripts) return;
    expect(await obstacles(page)).toEqual([]);
    expect(await sideways(page)).toBe(0);
  }

  function isUndisturbed({ complaints, strangers }: Visit): void {
    expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] });
  }

  it('enrolls with a card and its pictures, pays, and sees the parcel arrive', async () => {
    const story = await prescribed('full');
    const visit = await browser.visit();
    const card = commercialCard(story.order.patient.externalId);

    const page = await followMail(visit, story, '/enroll/');
    await isForPeople(page);
    await sayWho(page, story.order);

    await page.getByLabel('The insurance card below').check();
    await page.getByRole('group', { name: 'government' }).getByLabel('No').check();
    await page.getByLabel('BIN').fill(card.bin);
    await page.getByLabel('PCN').fill(card.pcn);
    await page.getByLabel('Group').fill(card.groupId);
    await page.getByLabel('Member ID').fill(card.cardholderId);
    for (const side of cardSides) {
      const buffer = await cardPicture(side);
      await page
        .getByLabel(side === 'front' ? 'Front of the card' : 'Back of the card')
        .setInputFiles({ name: `${side}.jpg`, mimeType: 'image/jpeg', buffer });
    }
    await isForPeople(page);
    await page.getByRole('button', { name: 'Continue' }).click();
    await isForPeople(page);
    await agree(page);
    await isForPeople(page);

    await story.choose('Harbor Pharmacy');
    await story.reached('awaiting_payment');
    await page.goto(await story.patient.paymentLink());
    await page.getByRole('button', { name: 'Pay $10.00' }).click();
    expect(await heading(page).innerText()).toBe('Thank you');
    await isForPeople(page);

    await story.reached('completed');
    await page.goto(await story.patient.trackingPage());
    await isForPeople(page);
    expect(await page.locator('ol.way li').count()).toBeGreaterThan(2);
    expect(await page.locator('ol.way li:not(.done)').count()).toBe(0);
    const { patient, medication } = story.order;
    const text = await page.locator('body').innerText();
    for (const secret of [patient.lastName, patient.firstName, patient.address?.line1, medication.description]) {
      expect(text).not.toContain(secret);
    }
    expect(await page.getByRole('link', { name: 'See details at' }).getAttribute('rel')).toContain('noreferrer');
    isUndisturbed(visit);
  });

  it.each<VisitOptions>([{ scripts: false }, { scripts: true, dark: true }])(
    'enrolls without a card: %o',
    async (options) => {
      const story = await prescribed('cash');
      const visit = await browser.visit(options);
      const page = await followMail(visit, story, '/enroll/');
      await isForPeople(page, options);
      await sayWho(page, story.order);
      await isForPeople(page, options);
      await agree(page);
      isUndisturbed(visit);
      await story.reached('awaiting_pharmacy_selection');
    },
  );

  it('is told beside the field what is wrong, and keeps what was typed', async () => {
    const story = await prescribed('full');
    const visit = await browser.visit();
    const { page } = visit;
    await page.goto(await story.patient.enrollmentPage());
    await page.getByLabel('Birth date').fill('1901-01-01');
    await page.getByLabel('ZIP code').fill('00000');
    await page.getByRole('button', { name: 'Continue' }).click();
    await isForPeople(page);
    expect(await page.getByRole('alert').innerText()).not.toBe('');

    await sayWho(page, story.order);
    await page.getByLabel('The insurance card below').check();
    await page.getByRole('group', { name: 'government' }).getByLabel('No').check();
    await page.getByLabel('BIN').fill('12');
    await page.getByLabel('Member ID').fill('W123');
    await page.getByRole('button', { name: 'Continue' }).click();
    await isForPeople(page);
    const bin = page.getByLabel('BIN');
    expect(await bin.getAttribute('aria-invalid')).toBe('true');
    expect(await bin.inputValue()).toBe('12');
    expect(await page.getByLabel('Member ID').inputValue()).toBe('W123');
    expect(visit.strangers).toEqual([]);
  });

  it('reads why a link does not work any more', async () => {
    const story = await prescribed('cash');
    const { page } = await browser.visit();
    const link = await story.patient.enrollmentPage();
    await page.goto(`${link.slice(0, -4)}AAAA`);
    await isForPeople(page);
    await page.goto(`${stage.appUrl}/t/unknown`);
    expect(await heading(page).innerText()).toBe('This link does not work any more');
    await isForPeople(page);
  });
});
