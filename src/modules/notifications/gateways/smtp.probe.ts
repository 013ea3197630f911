import { mailTransport, type MailSettings } from './smtp.transport.js';

/** Signs in at the mail server and leaves. @throws whatever the server answers */
export async function probeMail(config: MailSettings, timeoutMs: number): Promise<void> {
  const transport = mailTransport(config, timeoutMs);
  if (transport === undefined) return;
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}
