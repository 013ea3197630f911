import { z } from 'zod';
import { fail } from '../../platform/errors/index.js';
import type { Arrival } from '../webhooks/index.js';
import { statusSource, type TwilioSourceName } from './twilio-words.js';

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
