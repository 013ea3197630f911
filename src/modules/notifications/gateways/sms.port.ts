export interface Sms {
  /** E.164 */
  to: string;
  body: string;
}

export interface SentSms {
  /** The vendor's id; status reports name it. */
  id: string;
  status: string;
}

/** What somebody wrote to our number. */
export interface ReceivedSms {
  id: string;
  from: string;
  to: string;
  body: string;
  at: Date;
}

/** What became of a text of ours. */
export interface SmsReport {
  id: string;
  to: string;
  status: string;
  errorCode: number | undefined;
  at: Date;
}

/**
 * The vendor knows no idempotency keys: after an unanswered try ask `find` first. A refusal is `Refused`, with `sms.opted-out`
 * or `sms.unreachable` when the number is the reason.
 */
export abstract class SmsGateway {
  /** False without credentials: every other method then throws Refused `vendor.off`. */
  abstract readonly isOn: boolean;

  abstract send(sms: Sms): Promise<SentSms>;

  /** The same text to the same number since then, newest first. Some of ours say the same: which one it was is for the caller to tell. */
  abstract find(sms: Sms, since: Date): Promise<SentSms[]>;

  /** Oldest first; of more than ten thousand the newest. */
  abstract received(since: Date): Promise<ReceivedSms[]>;

  /** @returns undefined when the vendor has forgotten it: somebody deleted it there */
  abstract report(id: string): Promise<SmsReport | undefined>;
}
