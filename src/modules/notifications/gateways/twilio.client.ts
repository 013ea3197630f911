import { createRequire } from 'node:module';
import type { Twilio } from 'twilio';
import type TwilioSdk from 'twilio';
import type { Config } from '../../../../config/index.js';

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
  if (base === undefined) return sdk(sid, token, { httpClient: new sdk.RequestClient(options), lazyLoading: true });
  /** The SDK builds addresses from its own host; everything after the host stays as the real API has it. */
  class ToBase extends sdk.RequestClient {
    override request<T>(request: Parameters<InstanceType<typeof sdk.RequestClient>['request']>[0]) {
      const { pathname, search } = new URL(request.uri);
      return super.request<T>({ ...request, uri: `${base?.replace(/\/+$/, '') ?? ''}${pathname}${search}` } as never);
    }
  }
  return sdk(sid, token, { httpClient: new ToBase(options), lazyLoading: true });
}
