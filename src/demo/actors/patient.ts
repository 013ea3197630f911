import type { OrderPatient } from '../../modules/prescriptions/order/index.js';
import { eventually } from '../eventually.js';
import type { SandboxClient } from '../sandbox-client.js';
import { cardPicture, cardSides } from './card-picture.js';

/** What a patient reads from the insurance card. */
export interface Card {
  bin: string;
  pcn: string;
  groupId: string;
  cardholderId: string;
  relationship: '1' | '2' | '3' | '4';
  payerName: string;
}

const enrollmentLink = /https?:\/\/[^\s"<>]+\/enroll\/[\w-]+/;
const trackingLink = /https?:\/\/[^\s"<>]+\/t\/[\w-]+/;
const checkoutLink = /https?:\/\/[^\s"<>]+\/checkout\/cs_[\w-]+/;

/** Somebody with a mailbox and a phone, who knows no more of the platform than its messages say. */
export class Patient {
  constructor(
    private readonly appUrl: string,
    private readonly sandbox: SandboxClient,
    private readonly person: OrderPatient,
  ) {}

  /**
   * Follows the link of the message: says who they are, hands in the card, agrees. Without a card: on the cash path.
   * @param other a link that was used up: another one is waited for
   */
  async enroll(card?: Card, other?: string): Promise<void> {
    const api = `${this.appUrl}/api/enrollment/${await this.enrollmentToken(other)}`;
    const { consent } = await this.json<{ consent: { version: string } }>(api);
    const { sessionToken } = await this.json<{ sessionToken: string }>(`${api}/verify`, {
      birthDate: this.person.birthDate,
      zip: this.person.address?.zip,
    });
    if (card !== undefined) await this.handIn(`${api}/insurance-cards`, sessionToken);
    await this.json(
      api,
      { ...(card !== undefined && { coverage: card }), consent: { version: consent.version, accepted: true } },
      sessionToken,
    );
  }

  /** @returns the address of the page, as the newest message says it */
  enrollmentPage(other?: string): Promise<string> {
    return this.linkIn('the enrollment link', enrollmentLink, other);
  }

  async enrollmentToken(other?: string): Promise<string> {
    return new URL(await this.enrollmentPage(other)).pathname.split('/').at(-1) ?? '';
  }

  /** @param other a link that has run out: another one is waited for */
  paymentLink(other?: string): Promise<string> {
    return this.linkIn('the payment link', checkoutLink, other);
  }

  trackingPage(): Promise<string> {
    return this.linkIn('the tracking link', trackingLink);
  }

  private linkIn(what: string, pattern: RegExp, other?: string): Promise<string> {
    return eventually(what, async () => {
      const mails = await this.sandbox.mailTo(this.person.email ?? '');
      const texts = await this.sandbox.smsTo(this.person.phone ?? '');
      const said = [...mails.map(({ text }) => text), ...texts.map(({ body }) => body)];
      return said.flatMap((text) => pattern.exec(text)?.[0] ?? []).find((link) => link !== other);
    });
  }

  private async handIn(url: string, sessionToken: string): Promise<void> {
    const form = new FormData();
    for (const side of cardSides) {
      const picture = new Blob([new Uint8Array(await cardPicture(side))], { type: 'image/jpeg' });
      form.append(side, picture, `${side}.jpg`);
    }
    await checked(url, { method: 'POST', headers: { 'x-enrollment-session': sessionToken }, body: form });
  }

  private async json<T>(url: string, body?: object, sessionToken?: string): Promise<T> {
    const answer = await checked(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(sessionToken !== undefined && { 'x-enrollment-session': sessionToken }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as T;
  }
}

/** The token of the link is part of the path and stays out of the message. */
async function checked(url: string, request: RequestInit): Promise<Response> {
  const answer = await fetch(url, request);
  if (answer.ok) return answer;
  const { code } = (await answer.json().catch(() => ({}))) as { code?: string };
  throw new Error(`enrollment answered ${answer.status} ${code ?? ''}`.trim());
}
