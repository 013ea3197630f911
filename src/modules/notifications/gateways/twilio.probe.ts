import { rotatingSecrets } from '../../../../config/index.js';
import { twilioClient, type SmsSettings } from './twilio.client.js';

/** Reads the account: proves SID and token without sending anything. @throws whatever Twilio answers */
export async function probeTwilio(config: SmsSettings, timeoutMs: number): Promise<void> {
  const [token] = rotatingSecrets(config.TWILIO_AUTH_TOKEN);
  const sid = config.TWILIO_ACCOUNT_SID;
  if (token === undefined || sid === undefined) return;
  await twilioClient(config, token, timeoutMs)?.api.v2010.accounts(sid).fetch();
}
