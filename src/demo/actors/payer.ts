import type { SandboxClient } from '../sandbox-client.js';

const acceptedCard = '4242424242424242';
const dayMs = 86_400_000;

/** Who pays: the patient's bank card on the checkout page, and the plan behind the claim switch. */
export class Payer {
  constructor(private readonly sandbox: SandboxClient) {}

  /** Fills in the form of the checkout page. */
  async pay(checkoutUrl: string, card: string = acceptedCard): Promise<void> {
    const answer = await fetch(checkoutUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ card }).toString(),
      redirect: 'manual',
    });
    if (answer.status >= 400) throw new Error(`the checkout page answered ${answer.status}`);
  }

  /** Nobody pays, and the page runs out. */
  async letExpire(checkoutUrl: string): Promise<void> {
    await this.sandbox.expireCheckout(sessionOf(checkoutUrl));
  }

  /** @returns the number of the prior authorization */
  authorize(cardholderId: string, ndc: string): Promise<string> {
    return this.sandbox.approvePriorAuthorization(cardholderId, ndc);
  }

  /** The plan has paid for the same drug a week ago, at some other pharmacy. */
  rememberFill(cardholderId: string, ndc: string, daysSupply: number): Promise<void> {
    const dateOfService = new Date(Date.now() - 7 * dayMs).toISOString().slice(0, 10).replaceAll('-', '');
    return this.sandbox.recordFill({ cardholderId, ndc, dateOfService, daysSupply });
  }
}

function sessionOf(checkoutUrl: string): string {
  const id = new URL(checkoutUrl).pathname.split('/').at(-1);
  if (id === undefined || !id.startsWith('cs_')) throw new Error('this is no address of a checkout page');
  return id;
}
