import { createTransport, type Transporter } from 'nodemailer';
import type { Config } from '../../../../config/index.js';

export type MailSettings = Pick<Config, 'SMTP_URL' | 'SENDGRID_API_KEY' | 'MAIL_FROM'>;

/** SendGrid's SMTP relay: the user is this word for everybody, the key is the password. */
const sendgrid = { host: 'smtp.sendgrid.net', port: 465, secure: true, user: 'apikey' } as const;

/**
 * Links here are keys to somebody's order or prescription: nobody's click tracking rewrites them and keeps them, whatever the
 * account has on. `prepared`, or nodemailer writes the header as encoded words.
 */
const untracked = {
  'X-SMTPAPI': {
    prepared: true,
    value: JSON.stringify({
      filters: {
        clicktrack: { settings: { enable: 0, enable_text: false } },
        opentrack: { settings: { enable: 0 } },
      },
    }),
  },
} as const;

/** Undefined without credentials. SMTP_URL wins over SENDGRID_API_KEY. */
export function mailTransport(config: MailSettings, timeoutMs: number): Transporter | undefined {
  const server = serverOf(config);
  if (server === undefined) return undefined;
  const options = {
    ...server,
    connectionTimeout: timeoutMs / 2,
    greetingTimeout: timeoutMs / 2,
    dnsTimeout: timeoutMs / 2,
    socketTimeout: timeoutMs,
    // A template never reads a file or fetches an address; whatever tries to is refused.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  return createTransport(options, { headers: headersFor(config) });
}

/** What is said to the server with every mail. */
export function headersFor({
  SMTP_URL: url,
}: Pick<MailSettings, 'SMTP_URL'>): typeof untracked | Record<string, never> {
  const host = url === undefined ? sendgrid.host : new URL(url).hostname;
  return /(^|\.)sendgrid\.net$/i.test(host) ? untracked : {};
}

function serverOf({ SMTP_URL: url, SENDGRID_API_KEY: key }: MailSettings) {
  if (url !== undefined) return { url };
  if (key === undefined) return undefined;
  const { host, port, secure, user } = sendgrid;
  return { host, port, secure, auth: { user, pass: key } };
}
