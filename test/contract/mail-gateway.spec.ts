import type { MailGateway } from '../../src/modules/notifications/gateways/mail.port.js';
import { SmtpGateway } from '../../src/modules/notifications/gateways/smtp.gateway.js';
import { testFolder, type TestFolder } from '../support/folder.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

let sandbox: TestSandbox;
let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder('mails');
  sandbox = await startTestSandbox({ folder: folder.path });
});
afterAll(async () => {
  await sandbox.stop();
  await folder.remove();
});
beforeEach(() => sandbox.post('/_sandbox/reset'));

const smtp = (server: string | undefined) =>
  new SmtpGateway({
    SMTP_URL: server,
    SENDGRID_API_KEY: undefined,
    MAIL_FROM: 'Pharmonico <noreply@pharmonico.example>',
  });

/** What the port promises, kept by each adapter against the sandbox's mail server. */
const adapters: readonly (readonly [string, { on: () => MailGateway; off: () => MailGateway }])[] = [
  ['SMTP', { on: () => smtp(sandbox.smtpUrl), off: () => smtp(undefined) }],
];

describe.each(adapters)('a gateway of mails: %s', (_name, { on, off }) => {
  const mail = {
    messageId: 'notice-1@pharmonico.example',
    to: 'pat@example.com',
    subject: 'Your order',
    text: 'It is on its way.',
    html: '<p>It is on its way.</p>',
  };
  const fault = (kind: string) => sandbox.post('/_sandbox/faults', { vendor: 'smtp', kind });
  const mailbox = async (to: string) =>
    (await (await fetch(`${sandbox.url}/_sandbox/mailbox?to=${encodeURIComponent(to)}`)).json()) as {
      messageId: string;
      receipts: number;
    }[];

  it('hands a mail over as it is, under the id it was given', async () => {
    expect(await on().send(mail)).toEqual({ id: mail.messageId });
    const [kept, ...others] = await mailbox(mail.to);
    expect(others).toEqual([]);
    expect(kept).toMatchObject({
      messageId: `<${mail.messageId}>`,
      from: 'noreply@pharmonico.example',
      to: [mail.to],
      subject: mail.subject,
      text: expect.stringContaining(mail.text) as string,
      html: expect.stringContaining(mail.html) as string,
    });
  });

  it('hands the same mail over again as the same mail', async () => {
    await on().send(mail);
    await on().send(mail);
    expect(await mailbox(mail.to)).toMatchObject([{ receipts: 2 }]);
    expect(await sandbox.effects('smtp', 'mail')).toHaveLength(1);
  });

  it('refuses an address there is not for good, and says so', async () => {
    const refused = { name: 'Unrecoverable', code: 'email.unreachable' };
    await expect(on().send({ ...mail, to: 'pat@nowhere.invalid' })).rejects.toMatchObject(refused);
    expect(await mailbox('pat@nowhere.invalid')).toEqual([]);
  });

  it('is refused as a sender for good, which says nothing of the address', async () => {
    await fault('refuse_sender');
    const refused = { name: 'Unrecoverable', code: expect.stringMatching(/^email\.5\d\d$/) as string };
    await expect(on().send(mail)).rejects.toMatchObject(refused);
  });

  it.each([
    ['500_after', 'email.451'],
    ['reset', 'email.unanswered'],
  ])('does not know the outcome after %s, and the next try makes no second mail', async (kind, code) => {
    await fault(kind);
    await expect(on().send(mail)).rejects.toMatchObject({ code });
    expect(await on().send(mail)).toEqual({ id: mail.messageId });
    expect(await mailbox(mail.to)).toMatchObject([{ receipts: 2 }]);
  });

  it('knows that nothing was taken when the server is too busy', async () => {
    await fault('429');
    await expect(on().send(mail)).rejects.toMatchObject({ code: 'email.421', isOver: true });
    expect(await mailbox(mail.to)).toEqual([]);
  });

  it('is off without a server, and says so', async () => {
    expect([on().isOn, off().isOn]).toEqual([true, false]);
    await expect(off().send(mail)).rejects.toMatchObject({ name: 'Unrecoverable', code: 'vendor.off' });
  });
});
