import { Inject, Injectable } from '@nestjs/common';
import type { Transporter } from 'nodemailer';
import { CONFIG } from '../../../platform/config/index.js';
import { neverSent, Refused, Unanswered } from '../../../platform/effects/index.js';
import { MailGateway, type Mail } from './mail.port.js';
import { mailTransport, type MailSettings } from './smtp.transport.js';

/** Nothing is known of the outcome; the same Message-ID makes a second copy one mail. */
export class MailUnanswered extends Unanswered {
  constructor(code: string, isOver: boolean) {
    super(code, 'the mail server gave no answer one can rely on', isOver);
  }
}

const timeoutMs = 18_000;

@Injectable()
export class SmtpGateway extends MailGateway {
  private readonly transport: Transporter | undefined;
  private readonly from: string;

  constructor(@Inject(CONFIG) config: MailSettings) {
    super();
    this.transport = mailTransport(config, timeoutMs);
    this.from = config.MAIL_FROM;
  }

  get isOn(): boolean {
    return this.transport !== undefined;
  }

  async send({ messageId, to, subject, text, html }: Mail): Promise<{ id: string }> {
    if (this.transport === undefined) throw new Refused('vendor.off', 'SMTP_URL or SENDGRID_API_KEY is not set');
    try {
      await this.transport.sendMail({
        from: this.from,
        // As an object: a list or a group in the text would be several recipients.
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId: `<${messageId}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } catch (error) {
      throw mailErrorOf(error);
    }
    return { id: messageId };
  }
}

interface SmtpProblem {
  code?: unknown;
  responseCode?: unknown;
  /** What the server answered: `MAIL FROM`, `RCPT TO`, `DATA`. `CONN` of a connection that failed, at whatever stage. */
  command?: unknown;
  response?: unknown;
  /** Of `ETIMEDOUT`: which wait it was. */
  timeoutType?: unknown;
}

/** Looking the name up, connecting, being greeted, agreeing on encryption: the mail has not been offered. */
const beforeMail: ReadonlySet<unknown> = new Set([
  'EDNS',
  'ETLS',
  'CONNECT_TIMEOUT',
  'GREETING_TIMEOUT',
  'UPGRADE_TIMEOUT',
]);

/**
 * Of who sends, and whether the server passes mail on for them, also where it says so at the recipient, as Postfix does: security
 * and policy (RFC 3463: X.7.z), the sender's address (X.1.7, X.1.8), or words alone.
 */
const aboutUs = /\b5\.(?:7\.\d+|1\.[78])\b|\brelay/i;
/** RFC 5321: the mailbox; others are about the command. */
const aboutMailbox = /^55[0-4]$/;

/** Messages of the server are not kept: they repeat the address. */
export function mailErrorOf(error: unknown): Error {
  const { code, responseCode, command, response, timeoutType } = (error ?? {}) as SmtpProblem;
  if (code === 'EAUTH') return new Refused('email.sign-in-refused', 'the mail server refused the credentials');
  if (typeof responseCode === 'number' && responseCode >= 500) {
    const isRecipient = command === 'RCPT TO' && aboutMailbox.test(String(responseCode));
    if (isRecipient && !(typeof response === 'string' && aboutUs.test(response)))
      return new Refused('email.unreachable', 'the mail server refused the recipient');
    return new Refused(`email.${responseCode}`, 'the mail server refused the mail');
  }
  if (typeof responseCode === 'number') return new MailUnanswered(`email.${responseCode}`, true);
  const isOver = beforeMail.has(code) || beforeMail.has(timeoutType) || neverSent(error);
  return new MailUnanswered('email.unanswered', isOver);
}
