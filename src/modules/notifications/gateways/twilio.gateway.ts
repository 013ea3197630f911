import { Inject, Injectable } from '@nestjs/common';
import type { Twilio } from 'twilio';
import { rotatingSecrets } from '../../../../config/index.js';
import { CONFIG } from '../../../platform/config/index.js';
import { endsCall, isPassing, neverSent, Refused, retryAfterMs, Unanswered } from '../../../platform/effects/index.js';
import { Busy } from '../../../platform/jobs/index.js';
import { numberFindings } from '../sms-status.policy.js';
import { SmsGateway, type ReceivedSms, type SentSms, type Sms, type SmsReport } from './sms.port.js';
import { twilioClient, type SmsSettings } from './twilio.client.js';

/** Nothing is known of the outcome: the list of messages will tell. */
export class SmsUnanswered extends Unanswered {
  constructor(isOver: boolean, waitMs?: number) {
    super('sms.unanswered', 'Twilio gave no answer one can rely on', isOver, { waitMs });
  }
}

const timeoutMs = 15_000;
const busyWaitMs = 2_000;
/** To one number, newest first; more of ours than this do not go to one person while a single answer is open. */
const mostSearched = 100;

/** Twilio's longest page, and ten of them. */
const longestPage = 1_000;
const mostReceived = 10 * longestPage;

const statusCallbackPath = '/api/webhooks/twilio/status';

@Injectable()
export class TwilioGateway extends SmsGateway {
  private opened: Twilio | undefined;
  private readonly token: string | undefined;

  constructor(@Inject(CONFIG) private readonly config: SmsSettings) {
    super();
    [this.token] = rotatingSecrets(config.TWILIO_AUTH_TOKEN);
  }

  get isOn(): boolean {
    const { TWILIO_ACCOUNT_SID: sid, TWILIO_PHONE_NUMBER: from } = this.config;
    return sid !== undefined && from !== undefined && this.token !== undefined;
  }

  async send({ to, body }: Sms): Promise<SentSms> {
    const { client, from } = this.open();
    const { PUBLIC_URL: base } = this.config;
    const statusCallback =
      base === undefined ? {} : { statusCallback: `${base.replace(/\/+$/, '')}${statusCallbackPath}` };
    try {
      const { sid, status } = await client.messages.create({ to, from, body, ...statusCallback });
      return { id: sid, status };
    } catch (error) {
      throw smsErrorOf(error);
    }
  }

  /** Filtered by recipient only: a message that is still queued has no date sent, and a filter by it would hide it. */
  async find({ to, body }: Sms, since: Date): Promise<SentSms[]> {
    const { client } = this.open();
    try {
      const messages = await client.messages.list({ to, limit: mostSearched, pageSize: mostSearched });
      return messages
        .filter((message) => message.body === body && message.dateCreated >= since)
        .map(({ sid, status }) => ({ id: sid, status }));
    } catch (error) {
      throw smsErrorOf(error);
    }
  }

  async received(since: Date): Promise<ReceivedSms[]> {
    const { client, from: ours } = this.open();
    try {
      const query = { to: ours, dateSentAfter: since, limit: mostReceived, pageSize: longestPage };
      const messages = await client.messages.list(query);
      return messages
        .filter(({ direction }) => direction === 'inbound')
        .map(({ sid, from, to, body, dateCreated }) => ({ id: sid, from, to, body, at: dateCreated }))
        .toReversed();
    } catch (error) {
      throw smsErrorOf(error);
    }
  }

  async report(id: string): Promise<SmsReport | undefined> {
    const { client } = this.open();
    try {
      const { sid, to, status, errorCode, dateUpdated } = await client.messages(id).fetch();
      // Null, whatever the SDK's types say, as long as nothing is wrong.
      const code = errorCode as number | null;
      return { id: sid, to, status, errorCode: code ?? undefined, at: dateUpdated };
    } catch (error) {
      if ((error as { status?: unknown } | null)?.status === 404) return undefined;
      throw smsErrorOf(error);
    }
  }

  private open(): { client: Twilio; from: string } {
    const { TWILIO_PHONE_NUMBER: from } = this.config;
    if (this.token !== undefined) this.opened ??= twilioClient(this.config, this.token, timeoutMs);
    if (this.opened === undefined || from === undefined) {
      throw new Refused('vendor.off', 'TWILIO_ACCOUNT_SID, _AUTH_TOKEN or _PHONE_NUMBER is not set');
    }
    return { client: this.opened, from };
  }
}

/** Twilio's errors as ours: codes only, their messages repeat the number. */
export function smsErrorOf(error: unknown): Error {
  const { status, code, retryAfter } = (error ?? {}) as { status?: unknown; code?: unknown; retryAfter?: string };
  if (typeof status !== 'number') return new SmsUnanswered(neverSent(error));
  const waitMs = retryAfterMs(retryAfter);
  if (status === 429) return new Busy('twilio.429', waitMs ?? busyWaitMs);
  if (isPassing(status)) return new SmsUnanswered(endsCall(status), waitMs);
  const finding = typeof code === 'number' ? numberFindings[code] : undefined;
  const said = typeof code === 'number' ? code : status;
  return new Refused(finding?.code ?? `twilio.${said}`, 'Twilio refused the message');
}
