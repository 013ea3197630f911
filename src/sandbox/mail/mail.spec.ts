import { createTransport, type Transporter } from 'nodemailer';
import { startTestSandbox, type TestSandbox } from '../sandbox.fixture.js';
import type { Mail } from './mail.server.js';

let sandbox: TestSandbox;
let transport: Transporter;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  transport = createTransport(sandbox.smtpUrl);
});
afterAll(async () => {
  transport.close();
  await sandbox.stop();
});
beforeEach(() => sandbox.post('/_sandbox/reset'));

const letter = {
  from: '"Demo Clinic" <clinic@example.test>',
  to: 'Pat@Example.test',
  subject: 'Your order – on its way',
  text: 'Follow it: http://127.0.0.1:1/t/abc',
  html: '<p>Follow it: <a href="http://127.0.0.1:1/t/abc">here</a></p><script>alert(1)</script>',
  messageId: '<one@pharmonico>',
};

async function mailbox(to: string): Promise<Mail[]> {
  return (await sandbox.get(`/_sandbox/mailbox?to=${encodeURIComponent(to)}`)) as Mail[];
}

it('keeps text, HTML and sender, found by recipient in any case', async () => {
  await transport.sendMail(letter);
  const [mail] = await mailbox('PAT@example.test');
  expect(mail).toMatchObject({ from: 'clinic@example.test', subject: letter.subject, messageId: letter.messageId });
  expect(mail?.text.trim()).toBe(letter.text);
  expect(await mailbox('other@example.test')).toEqual([]);
});

it('shows a message that came twice once, and counts both receipts', async () => {
  await transport.sendMail(letter);
  await transport.sendMail(letter);
  expect(await mailbox(letter.to)).toMatchObject([{ receipts: 2 }]);
  expect(await sandbox.get('/_sandbox/ledger/summary')).toMatchObject([{ kind: 'mail', effects: 1, replays: 1 }]);
});

it('shows HTML only inside a frame that runs no script', async () => {
  await transport.sendMail(letter);
  const [mail] = await mailbox(letter.to);
  const page = await (await fetch(`${sandbox.url}/mailbox/${String(mail?.id)}`)).text();
  expect(page).toContain('sandbox="allow-popups');
  expect(page).not.toContain('<script>');
  expect(await (await fetch(`${sandbox.url}/mailbox`)).text()).toContain('on its way');
  expect((await fetch(`${sandbox.url}/mailbox/999`)).status).toBe(404);
});

it('takes any sign-in, and refuses addresses that can not exist', async () => {
  const signedIn = createTransport(sandbox.smtpUrl.replace('//', '//user:pass@'));
  await signedIn.sendMail(letter);
  signedIn.close();
  await expect(transport.sendMail({ ...letter, to: 'nobody@nowhere.invalid' })).rejects.toMatchObject({
    responseCode: 550,
  });
});

it.each([
  ['500_before', 451, 0],
  ['500_after', 451, 1],
  ['429', 421, 0],
])('answers %s with %i and has stored %i', async (kind, responseCode, stored) => {
  await sandbox.post('/_sandbox/faults', { vendor: 'smtp', kind });
  await expect(transport.sendMail(letter)).rejects.toMatchObject({ responseCode });
  expect(await mailbox(letter.to)).toHaveLength(stored);
  await transport.sendMail(letter);
  expect(await mailbox(letter.to)).toMatchObject([{ receipts: stored + 1 }]);
});

it.each([
  ['MAIL', 'MAIL FROM', '530 5.7.0 Authentication required'],
  ['RCPT', 'RCPT TO', '553 5.7.1 Sender address rejected: not owned by user'],
])('refuses a sender at %s when told to', async (method, command, response) => {
  await sandbox.post('/_sandbox/faults', { vendor: 'smtp', kind: 'refuse_sender', match: { method } });
  await expect(transport.sendMail(letter)).rejects.toMatchObject({ code: 'EENVELOPE', command, response });
  await transport.sendMail(letter);
  expect(await mailbox(letter.to)).toMatchObject([{ receipts: 1 }]);
});

it('has taken the mail although the line broke', async () => {
  await sandbox.post('/_sandbox/faults', { vendor: 'smtp', kind: 'reset' });
  await expect(transport.sendMail(letter)).rejects.toBeDefined();
  expect(await mailbox(letter.to)).toHaveLength(1);
});
