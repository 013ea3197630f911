import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { fingerprint } from '../core/ids.js';
import { requestFaults } from '../core/faults.js';
import type { World } from '../core/world.js';

export interface Mail {
  id: number;
  receivedAt: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  messageId: string;
  /** How often the same message came in; a mailbox shows it once. */
  receipts: number;
}

type Done = (error?: Error | null) => void;

const CLOSE_TIMEOUT_MS = 200;

/** What servers say of a sender they do not let send, by the command they say it at; Postfix waits for the recipient. */
const senderRefusals = {
  MAIL: [530, '5.7.0 Authentication required'],
  RCPT: [553, '5.7.1 Sender address rejected: not owned by user'],
} as const;

/** A mail server that takes everything but addresses that can not exist (RFC 6761: `.invalid`). */
export class MailServer {
  private mails: Mail[] = [];
  private lastId = 0;
  private readonly server: SMTPServer;

  constructor(private readonly world: World) {
    this.server = new SMTPServer({
      authOptional: true,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      // Ours say more than the ones it would add by number.
      hideENHANCEDSTATUSCODES: true,
      disableReverseLookup: true,
      closeTimeout: CLOSE_TIMEOUT_MS,
      onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anyone' }),
      onMailFrom: (_address, _session, done) => done(this.senderRefused('MAIL')),
      onRcptTo: ({ address }, _session, done) =>
        done(/\.invalid$/i.test(address) ? refusal(550, '5.1.1 No such user') : this.senderRefused('RCPT')),
      onData: (stream, session, done) => void this.take(stream, session, done),
    });
    this.server.on('error', () => undefined);
  }

  /** The port it got. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const listening = this.server.listen(port, '127.0.0.1', () => {
        listening.off('error', reject);
        const address = listening.address() as AddressInfo;
        resolve(address.port);
      });
      listening.once('error', reject);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(resolve));
  }

  /** Newest first. */
  list(to?: string): Mail[] {
    const wanted = to?.toLowerCase();
    return this.mails.filter((mail) => wanted === undefined || mail.to.includes(wanted)).reverse();
  }

  find(id: number): Mail | undefined {
    return this.mails.find((mail) => mail.id === id);
  }

  reset(): void {
    this.mails = [];
  }

  private senderRefused(method: keyof typeof senderRefusals): Error | null {
    const fault = this.world.faults.take('smtp', ['refuse_sender'], { method, path: '' });
    const [code, words] = senderRefusals[method];
    return fault === undefined ? null : refusal(code, words);
  }

  private async take(stream: SMTPServerDataStream, session: SMTPServerSession, done: Done): Promise<void> {
    const content = await buffer(stream).catch(() => undefined);
    // The sender went away in the middle: nobody has taken the message, and nobody waits for an answer.
    if (content === undefined) return;
    const fault = this.world.faults.take('smtp', requestFaults, { method: 'DATA', path: '' });
    const afterEffect = fault && (fault.kind === '500_after' || (isSilence(fault.kind) && fault.stage === 'after'));
    if (!fault || afterEffect) await this.store(content, session);
    if (!fault) done();
    else if (fault.kind === 'reset') this.cut(session);
    else if (fault.kind !== 'hang')
      done(fault.kind === '429' ? refusal(421, '4.7.0 Injected fault') : refusal(451, '4.3.0 Injected fault'));
  }

  private cut(session: SMTPServerSession): void {
    for (const connection of this.server.connections as Set<{
      session: SMTPServerSession;
      _socket?: { destroy(): void };
    }>) {
      if (connection.session.id === session.id) connection._socket?.destroy();
    }
  }

  private async store(content: Buffer, session: SMTPServerSession): Promise<void> {
    const parsed = await PostalMime.parse(content);
    const to = session.envelope.rcptTo.map((recipient) => recipient.address.toLowerCase());
    const messageId = parsed.messageId ?? `<${fingerprint(content.toString('latin1'))}@no-message-id>`;
    const known = this.mails.find((mail) => mail.messageId === messageId);
    if (known) known.receipts += 1;
    const mail = known ?? this.add(messageId, to, session, parsed);
    this.world.ledger.record({
      vendor: 'smtp',
      kind: 'mail',
      key: messageId,
      id: String(mail.id),
      replayed: known !== undefined,
      digest: { recipients: to.length, content: fingerprint(`${mail.subject}\n${mail.text}\n${mail.html}`) },
    });
  }

  private add(
    messageId: string,
    to: string[],
    session: SMTPServerSession,
    parsed: Awaited<ReturnType<typeof PostalMime.parse>>,
  ): Mail {
    this.lastId += 1;
    const sender = session.envelope.mailFrom;
    const mail: Mail = {
      id: this.lastId,
      receivedAt: new Date().toISOString(),
      from: parsed.from?.address ?? (sender ? sender.address : ''),
      to,
      subject: parsed.subject ?? '',
      text: parsed.text ?? '',
      html: parsed.html ?? '',
      messageId,
      receipts: 1,
    };
    this.mails.push(mail);
    return mail;
  }
}

function isSilence(kind: string): boolean {
  return kind === 'hang' || kind === 'reset';
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
