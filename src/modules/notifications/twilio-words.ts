/** Sources of the webhook inbox. */
export const statusSource = 'twilio-status';
export const inboundSource = 'twilio-inbound';
export type TwilioSourceName = typeof statusSource | typeof inboundSource;
