import { hexHmac, timestamped, twilioSignature } from '../../src/sandbox/core/signatures.js';
import type { SandboxSecrets } from '../../src/demo/sandbox-settings.js';

interface Door {
  path: string;
  contentType: string;
  /** What a sender proves itself with, made anew for each try. */
  proof(secrets: SandboxSecrets, url: string, body: string): Record<string, string>;
}

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';
const byTwilio: Door['proof'] = ({ TWILIO_AUTH_TOKEN }, url, body) => ({
  'x-twilio-signature': twilioSignature(TWILIO_AUTH_TOKEN, url, body),
});

/** Every door vendors push through, and how they sign what they push. */
export const doors = {
  lifefile: {
    path: '/api/webhooks/lifefile/prescription-status',
    contentType: json,
    proof: ({ LIFEFILE_WEBHOOK_SECRET }, _url, body) => ({
      'x-lifefile-signature': hexHmac(LIFEFILE_WEBHOOK_SECRET, body),
    }),
  },
  careportals: {
    path: '/api/webhooks/careportals',
    contentType: json,
    proof: ({ CAREPORTALS_SECRET }, _url, body) => ({ 'x-careportals-signature': hexHmac(CAREPORTALS_SECRET, body) }),
  },
  stripe: {
    path: '/api/webhooks/stripe',
    contentType: json,
    proof: ({ STRIPE_WEBHOOK_SECRET }, _url, body) => ({
      'stripe-signature': timestamped(STRIPE_WEBHOOK_SECRET, body),
    }),
  },
  shippo: {
    path: '/api/webhooks/shippo',
    contentType: json,
    proof: ({ SHIPPO_WEBHOOK_SECRET }, _url, body) => ({
      'shippo-auth-signature': timestamped(SHIPPO_WEBHOOK_SECRET, body),
    }),
  },
  'twilio-status': { path: '/api/webhooks/twilio/status', contentType: form, proof: byTwilio },
  'twilio-inbound': { path: '/api/webhooks/twilio/inbound', contentType: form, proof: byTwilio },
} as const satisfies Record<string, Door>;

export type DoorName = keyof typeof doors;
export const doorNames = Object.keys(doors) as DoorName[];

export interface DoorAnswer {
  status: number;
  retryAfter: string | null;
  eventId: string | undefined;
  duplicate: boolean | undefined;
}

/** @returns undefined when no answer came */
export async function knock(
  appUrl: string,
  secrets: SandboxSecrets,
  { door, body }: { door: DoorName; body: string },
): Promise<DoorAnswer | undefined> {
  const { path, contentType, proof } = doors[door];
  const url = `${appUrl}${path}`;
  const headers = { 'content-type': contentType, ...proof(secrets, url, body) };
  try {
    const answer = await fetch(url, { method: 'POST', headers, body });
    const said = (await answer.json()) as { eventId?: string; duplicate?: boolean };
    const { status } = answer;
    return { status, retryAfter: answer.headers.get('retry-after'), eventId: said.eventId, duplicate: said.duplicate };
  } catch {
    return undefined;
  }
}
