/** What the sandbox shows of itself: what the vendors were asked to do, and what reached the patient. */
export interface LedgerLine {
  vendor: string;
  kind: string;
  key: string;
  id: string;
  replayed: boolean;
  digest: Record<string, string | number | boolean | null>;
}

export interface ReceivedMail {
  subject: string;
  text: string;
}

export interface ReceivedSms {
  body: string;
}

export interface CheckoutSession {
  id: string;
  status: 'open' | 'complete' | 'expired';
  payment_intent: string | null;
  metadata: Record<string, string>;
}

/** Drives the vendor sandbox from outside, as its own pages do. */
export class SandboxClient {
  constructor(readonly url: string) {}

  ledger(vendor: string, kind: string): Promise<LedgerLine[]> {
    return this.get(`/_sandbox/ledger?vendor=${vendor}&kind=${kind}`);
  }

  /** Newest first. */
  mailTo(address: string): Promise<ReceivedMail[]> {
    return this.get(`/_sandbox/mailbox?to=${encodeURIComponent(address)}`);
  }

  /** Newest first. */
  smsTo(phone: string): Promise<ReceivedSms[]> {
    return this.get(`/_sandbox/twilio/messages?to=${encodeURIComponent(phone)}`);
  }

  checkoutSessions(): Promise<CheckoutSession[]> {
    return this.get('/_sandbox/stripe/sessions');
  }

  expireCheckout(sessionId: string): Promise<CheckoutSession> {
    return this.send('POST', `/_sandbox/stripe/sessions/${sessionId}/expire`, {});
  }

  /** @returns the number of the prior authorization */
  async approvePriorAuthorization(cardholderId: string, ndc: string): Promise<string> {
    const answer = await this.send<{ priorAuthNumber: string }>('POST', '/_sandbox/switch/prior-authorizations', {
      cardholderId,
      ndc,
    });
    return answer.priorAuthNumber;
  }

  /** The payer remembers a fill at another pharmacy. */
  async recordFill(fill: {
    cardholderId: string;
    ndc: string;
    dateOfService: string;
    daysSupply: number;
  }): Promise<void> {
    await this.send('POST', '/_sandbox/switch/fills', fill);
  }

  /** Simulated seconds per second; 0 = parcels and pharmacies stand still. */
  async setSpeed(speed: number): Promise<void> {
    await this.send('PUT', '/_sandbox/settings', { speed });
  }

  private get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  private async send<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`the sandbox answered ${answer.status} to ${method} ${path.split('?')[0] ?? path}`);
    return (await answer.json()) as T;
  }
}
