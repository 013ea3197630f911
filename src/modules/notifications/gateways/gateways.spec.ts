import { createTransport } from 'nodemailer';
import { Refused } from '../../../platform/effects/index.js';
import { TryLater } from '../../../platform/jobs/index.js';
import { mailErrorOf } from './smtp.gateway.js';
import { headersFor } from './smtp.transport.js';
import { smsErrorOf } from './twilio.gateway.js';

/** As nodemailer reports what a server answers to a command. */
const refused = (command: string, response: string) => ({
  ...{ code: 'EENVELOPE', command, response },
  responseCode: Number(response.slice(0, 3)),
});

describe('errors of the mail server', () => {
  it('tell a refused recipient, a refused sign-in and silence apart', () => {
    expect(mailErrorOf(refused('RCPT TO', '550 5.1.1 No such user'))).toMatchObject({ code: 'email.unreachable' });
    expect(mailErrorOf({ code: 'EAUTH', responseCode: 535 })).toMatchObject({ code: 'email.sign-in-refused' });
    expect(mailErrorOf({ code: 'EMESSAGE', responseCode: 552 })).toBeInstanceOf(Refused);
    expect(mailErrorOf({ code: 'EENVELOPE', responseCode: 451 })).not.toBeInstanceOf(Refused);
    expect(mailErrorOf({ code: 'ETIMEDOUT' })).toMatchObject({ code: 'email.unanswered' });
  });

  it.each([
    ['RCPT TO', '550 No such user', 'email.unreachable'],
    ['RCPT TO', '552 5.2.2 Mailbox full', 'email.unreachable'],
    ['MAIL FROM', '530 Authentication required', 'email.530'],
    ['MAIL FROM', '550 Sender verify failed', 'email.550'],
    ['RCPT TO', '530 5.7.0 Authentication required', 'email.530'],
    ['RCPT TO', '553 5.7.1 <rx@example.com>: Sender address rejected: not owned by user', 'email.553'],
    ['RCPT TO', '554 5.7.1 <pat@example.com>: Relay access denied', 'email.554'],
    ['RCPT TO', '550 5.1.8 <rx@example.com>: Sender address rejected: Domain not found', 'email.550'],
    ['RCPT TO', '550 relay not permitted', 'email.550'],
    ['RCPT TO', '503 5.5.1 MAIL first', 'email.503'],
    ['DATA', '554 No valid recipients', 'email.554'],
  ])('blame the recipient for nothing that is about us: %s, %s', (command, response, code) => {
    expect(mailErrorOf(refused(command, response))).toMatchObject({ name: 'Unrecoverable', code });
  });

  /** Whatever became of the connection, nodemailer says that it was about the connection. */
  it.each([
    [true, { code: 'EDNS', originalCode: 'ETIMEOUT' }],
    [true, { code: 'ETLS' }],
    [true, { code: 'ESOCKET', syscall: 'connect' }],
    [true, { code: 'ETIMEDOUT', timeoutType: 'CONNECT_TIMEOUT' }],
    [true, { code: 'ETIMEDOUT', timeoutType: 'GREETING_TIMEOUT' }],
    [true, { code: 'ETIMEDOUT', timeoutType: 'UPGRADE_TIMEOUT' }],
    [false, { code: 'ETIMEDOUT', timeoutType: 'SOCKET_TIMEOUT' }],
    [false, { code: 'ESOCKET', syscall: 'read', originalCode: 'ECONNRESET' }],
    [false, { code: 'ECONNECTION' }],
  ])('end the call only when the mail had not been offered: %p, %p', (isOver, problem) => {
    expect(mailErrorOf({ ...problem, command: 'CONN' })).toMatchObject({ code: 'email.unanswered', isOver });
  });

  it('keep nothing of what the server said', () => {
    const error = { ...refused('RCPT TO', '550 no alex@example.com'), message: 'no alex@example.com' };
    expect(mailErrorOf(error).message).not.toContain('alex');
  });
});

describe('the mail server of SendGrid', () => {
  const viaSendgrid = { 'X-SMTPAPI': expect.anything() as unknown };
  it.each([
    [undefined, viaSendgrid],
    ['smtps://apikey:key@smtp.sendgrid.net:465', viaSendgrid],
    ['smtp://apikey:key@smtp.eu.sendgrid.net:587', viaSendgrid],
    ['smtp://127.0.0.1:1025', {}],
    ['smtp://notsendgrid.net', {}],
  ])('is asked to leave links alone, and no other: %s', (url, headers) => {
    expect(headersFor({ SMTP_URL: url })).toEqual(headers);
  });

  it('reads it as it is meant', async () => {
    const defaults = { headers: headersFor({ SMTP_URL: undefined }) };
    const transport = createTransport({ streamTransport: true, buffer: true }, defaults);
    const { message } = await transport.sendMail({ to: 'pat@example.com', headers: { 'Auto-Submitted': 'x' } });
    const [, value = ''] = /^X-SMTPAPI: (.*)$/m.exec((message as Buffer).toString('utf8')) ?? [];
    expect(JSON.parse(value)).toEqual({
      filters: { clicktrack: { settings: { enable: 0, enable_text: false } }, opentrack: { settings: { enable: 0 } } },
    });
  });
});

describe('errors of Twilio', () => {
  it('name the person and the number as reasons', () => {
    expect(smsErrorOf({ status: 400, code: 21610 })).toMatchObject({ code: 'sms.opted-out' });
    expect(smsErrorOf({ status: 400, code: 21614 })).toMatchObject({ code: 'sms.unreachable' });
    expect(smsErrorOf({ status: 400, code: 21606 })).toMatchObject({ code: 'twilio.21606' });
    expect(smsErrorOf({ status: 429, code: 20429 })).toBeInstanceOf(TryLater);
    expect(smsErrorOf({ status: 409 })).toMatchObject({ code: 'sms.unanswered', isOver: true });
    expect(smsErrorOf({ status: 500, code: 20500 })).toMatchObject({ code: 'sms.unanswered' });
    expect(smsErrorOf(new Error('socket hang up'))).toMatchObject({ code: 'sms.unanswered' });
  });
});
