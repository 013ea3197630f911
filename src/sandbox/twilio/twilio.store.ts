import { fingerprint, hex } from '../core/ids.js';
import { twilioSignature } from '../core/signatures.js';
import type { World } from '../core/world.js';

export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'received';

export interface Message {
  sid: string;
  accountSid: string;
  direction: 'outbound-api' | 'inbound';
  from: string;
  to: string;
  body: string;
  status: MessageStatus;
  errorCode: number | null;
  createdAt: Date;
  updatedAt: Date;
  sentAt: Date | null;
  statusCallback: string | null;
}

/** Twilio's documented error codes and texts. */
const refusals = {
  21211: "Invalid 'To' Phone Number",
  21602: 'Message body is required.',
  21603: "A 'From' phone number is required.",
  21604: "A 'To' phone number is required.",
  21610: 'Attempt to send to unsubscribed recipient',
  21614: "'To' number is not a valid mobile number",
  21617: 'The concatenated message body exceeds the 1600 character limit',
} as const;

export class TwilioRefusal extends Error {
  readonly statusCode = 400;
  constructor(readonly code: keyof typeof refusals) {
    super(refusals[code]);
  }
}

/** Twilio's own test numbers: always refused, whoever asks. */
const magicNumbers: Partial<Record<string, keyof typeof refusals>> = {
  '+15005550001': 21211,
  '+15005550004': 21610,
  '+15005550009': 21614,
};

const STOP_WORDS = new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']);
const START_WORDS = new Set(['START', 'YES', 'UNSTOP']);
/** Real time: carriers answer within a second whatever the speed of parcels. */
const SENT_AFTER_MS = 50;
const DELIVERED_AFTER_MS = 150;
const MAX_BODY = 1600;

export class TwilioStore {
  private readonly messages = new Map<string, Message>();
  private readonly optedOut = new Set<string>();
  private readonly undeliverable = new Map<string, number>();

  constructor(private readonly world: World) {}

  reset(): void {
    this.messages.clear();
    this.optedOut.clear();
    this.undeliverable.clear();
  }

  /** Newest first. */
  list(): Message[] {
    return [...this.messages.values()].reverse();
  }

  find(sid: string): Message | undefined {
    return this.messages.get(sid);
  }

  setOptOut(phone: string, optedOut: boolean): void {
    if (optedOut) this.optedOut.add(phone);
    else this.optedOut.delete(phone);
  }

  setUndeliverable(phone: string, errorCode: number): void {
    this.undeliverable.set(phone, errorCode);
  }

  send(accountSid: string, input: { to: string; from: string; body: string; statusCallback: string | null }): Message {
    this.check(input);
    const message = this.add({ ...input, accountSid, direction: 'outbound-api', status: 'queued' });
    const [link] = /https?:\/\/\S+/.exec(input.body) ?? [input.body];
    this.world.ledger.record({
      vendor: 'twilio',
      kind: 'message',
      key: `${message.to}|${fingerprint(link)}`,
      id: message.sid,
      digest: { body: fingerprint(message.body) },
    });
    this.callBack(message);
    this.world.scheduler.afterReal(SENT_AFTER_MS, () => this.move(message, 'sent'));
    this.world.scheduler.afterReal(DELIVERED_AFTER_MS, () => this.finish(message));
    return message;
  }

  /** A person writes to us: Twilio keeps the block list for single-word replies by itself, then tells the application. */
  receive(input: { from: string; to: string; body: string }): Message {
    const word = input.body.trim().toUpperCase();
    if (STOP_WORDS.has(word)) this.optedOut.add(input.from);
    if (START_WORDS.has(word)) this.optedOut.delete(input.from);
    const accountSid = this.list()[0]?.accountSid ?? `AC${'0'.repeat(32)}`;
    const message = this.add({ ...input, accountSid, direction: 'inbound', status: 'received', statusCallback: null });
    message.sentAt = message.createdAt;
    const { appUrl } = this.world.settings;
    if (appUrl !== '') {
      this.push(`${appUrl}/api/webhooks/twilio/inbound`, 'inbound', {
        MessageSid: message.sid,
        SmsSid: message.sid,
        SmsMessageSid: message.sid,
        SmsStatus: 'received',
        AccountSid: accountSid,
        From: message.from,
        To: message.to,
        Body: message.body,
        NumMedia: '0',
        NumSegments: '1',
        ApiVersion: '2010-04-01',
      });
    }
    return message;
  }

  private check(input: { to: string; from: string; body: string }): void {
    if (input.to === '') throw new TwilioRefusal(21604);
    if (input.from === '') throw new TwilioRefusal(21603);
    if (input.body === '') throw new TwilioRefusal(21602);
    if (input.body.length > MAX_BODY) throw new TwilioRefusal(21617);
    const magic = magicNumbers[input.to];
    if (magic) throw new TwilioRefusal(magic);
    if (!isDialable(input.to)) throw new TwilioRefusal(21211);
    if (this.optedOut.has(input.to)) throw new TwilioRefusal(21610);
  }

  private add(input: Omit<Message, 'sid' | 'errorCode' | 'createdAt' | 'updatedAt' | 'sentAt'>): Message {
    const now = new Date();
    const times = { createdAt: now, updatedAt: now, sentAt: null };
    const message: Message = { ...input, ...times, sid: `SM${hex(32)}`, errorCode: null };
    this.messages.set(message.sid, message);
    return message;
  }

  private finish(message: Message): void {
    const errorCode = this.undeliverable.get(message.to) ?? null;
    message.errorCode = errorCode;
    this.move(message, errorCode === null ? 'delivered' : 'undelivered');
  }

  private move(message: Message, status: MessageStatus): void {
    const now = new Date();
    Object.assign(message, { status, updatedAt: now, sentAt: message.sentAt ?? now });
    this.callBack(message);
  }

  private callBack(message: Message): void {
    if (message.statusCallback === null) return;
    this.push(message.statusCallback, message.status, {
      MessageSid: message.sid,
      MessageStatus: message.status,
      SmsSid: message.sid,
      SmsStatus: message.status,
      AccountSid: message.accountSid,
      To: message.to,
      From: message.from,
      ApiVersion: '2010-04-01',
      ...(message.errorCode !== null && { ErrorCode: String(message.errorCode) }),
    });
  }

  private push(url: string, event: string, fields: Record<string, string>): void {
    const body = new URLSearchParams(fields).toString();
    const { secrets } = this.world.settings;
    this.world.webhooks.send({
      vendor: 'twilio',
      event,
      contentType: 'application/x-www-form-urlencoded',
      body,
      address: (forged) => ({
        url,
        headers: { 'x-twilio-signature': twilioSignature(secrets.twilio, url, forged ? `${body}x` : body) },
      }),
    });
  }
}

/** E.164; North American numbers also need a possible area code and exchange, and 555 is no area. */
function isDialable(phone: string): boolean {
  if (phone.startsWith('+1')) return /^\+1(?!555)[2-9]\d{2}[2-9]\d{6}$/.test(phone);
  return /^\+[2-9]\d{6,14}$/.test(phone);
}
