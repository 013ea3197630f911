import { z } from 'zod';
import { fail } from '../../platform/errors/index.js';
import type { Arrival, IncomingWebhook } from '../webhooks/index.js';
import type { ReceivedSms, SmsReport } from './gateways/sms.port.js';
import { inboundSource, statusSource, type TwilioSourceName } from './twilio-words.js';

const envelope = z.looseObject({
  MessageSid: z.string().regex(/^\w{1,64}$/),
  MessageStatus: z
    .string()
    .regex(/^\w{1,20}$/)
    .optional(),
});

/** One event per message and status, or per message that came in. @throws request.malformed */
export function twilioArrival(
  source: TwilioSourceName,
  fields: unknown,
  raw: Buffer,
  headers: Arrival['headers'],
): Arrival {
  const parsed = envelope.safeParse(fields);
  if (!parsed.success) throw fail('request.malformed');
  const { MessageSid: sid, MessageStatus: status = 'none' } = parsed.data;
  if (source !== statusSource) return { dedupeKey: sid, eventType: 'inbound', raw, headers };
  return { dedupeKey: `${sid}${status}`, eventType: status, raw, headers };
}

/** A text that was asked for, as the webhook that never came would have told it; only the time it was sent at is added. */
export function askedText({ id, from, to, body, at }: ReceivedSms): IncomingWebhook {
  return asked(inboundSource, { MessageSid: id, From: from, To: to, Body: body, [happenedAt]: at.toISOString() });
}

/** A report that was asked for. */
export function askedReport({ id, to, status, errorCode, at }: SmsReport): IncomingWebhook {
  return asked(statusSource, {
    MessageSid: id,
    MessageStatus: status,
    To: to,
    ...(errorCode !== undefined && { ErrorCode: String(errorCode) }),
    [happenedAt]: at.toISOString(),
  });
}

/** No field of Twilio's webhooks, which come as things happen. */
export const happenedAt = 'HappenedAt';

function asked(source: TwilioSourceName, fields: Readonly<Record<string, string>>): IncomingWebhook {
  const raw = Buffer.from(new URLSearchParams(fields).toString());
  return { source, ...twilioArrival(source, fields, raw, { 'content-type': 'application/x-www-form-urlencoded' }) };
}
