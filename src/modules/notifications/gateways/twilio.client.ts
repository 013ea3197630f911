import { createRequire } from 'node:module';
import type { Twilio } from 'twilio';
import type TwilioSdk from 'twilio';
import type { Config } from '../../../../config/index.js';
import { isPassing } from '../../../platform/effects/index.js';

export type SmsSettings = Pick<
  Config,
  'TWILIO_ACCOUNT_SID' | 'TWILIO_AUTH_TOKEN' | 'TWILIO_PHONE_NUMBER' | 'TWILIO_API_BASE' | 'PUBLIC_URL'
>;

/**
 * Twilio's client, or undefined without credentials. The SDK is loaded when it is first used: it costs 20 MB, and an API
 * process never sends.
 */
export function twilioClient(config: SmsSettings, token: string, timeoutMs: number): Twilio | undefined {
  const { TWILIO_ACCOUNT_SID: sid, TWILIO_API_BASE: base } = config;
  if (sid === undefined) return undefined;
  const sdk = createRequire(import.meta.url)('twilio') as typeof TwilioSdk;
  const options = { timeout: timeoutMs, maxRetries: 0 };
  class Client extends sdk.RequestClient {
    override async request<T>(request: Parameters<InstanceType<typeof sdk.RequestClient>['request']>[0]) {
      const response = await super.request<T>({ ...request, uri: addressAt(base, request.uri) } as never);
      const { statusCode, headers } = response as { statusCode: number; headers?: Record<string, string | undefined> };
      const retryAfter = headers?.['retry-after'];
      if (retryAfter !== undefined && isPassing(statusCode)) throw new TwilioBusy(statusCode, retryAfter);
      return response;
    }
  }
  return sdk(sid, token, { httpClient: new Client(options), lazyLoading: true });
}

/** The SDK's own error leaves out when to come again. */
class TwilioBusy extends Error {
  constructor(
    readonly status: number,
    readonly retryAfter: string,
  ) {
    super(`Twilio answered ${status}`);
  }
}

/** The SDK builds addresses from its own host; everything after the host stays as the real API has it. */
function addressAt(base: string | undefined, uri: string): string {
  if (base === undefined) return uri;
  const { pathname, search } = new URL(uri);
  return `${base.replace(/\/+$/, '')}${pathname}${search}`;
}
