import { createHash } from 'node:crypto';
import { buildCancelRx } from '../../modules/intake/formats/script.js';
import type { PrescriptionOrder } from '../../modules/prescriptions/order/index.js';
import type { ApiClient } from '../client.js';
import { eventually } from '../eventually.js';
import { encode, receiver, type GeneratedFormat } from '../generate/index.js';

/** SCRIPT takes 35 characters. */
const messageIdLength = 32;

export interface SentOrder {
  order: PrescriptionOrder;
  format: GeneratedFormat;
  /** JSON says it; for the other formats the organization's default counts. */
  path?: 'full' | 'cash' | 'direct';
}

/** The prescriber's system, behind an API key. */
export class Prescriber {
  constructor(
    private readonly integrator: ApiClient,
    private readonly today: string,
  ) {}

  /** @returns the id of the prescription */
  async send({ order, format, path }: SentOrder): Promise<string> {
    const { contentType, body } = encode(order, format, this.today);
    const sent = path === undefined ? body : JSON.stringify({ ...order, path });
    // Sent again after a lost answer it stays one prescription; SCRIPT messages have their MessageID for that.
    const key = order.messageId === undefined ? {} : { 'idempotency-key': order.messageId };
    const answer = await this.integrator.raw('/api/intake', contentType, sent, key);
    if (contentType !== 'application/xml') return (JSON.parse(answer) as { id: string }).id;
    if (!/<Code>0[01]0<\/Code>/.test(answer)) throw new Error('the SCRIPT message was not accepted');
    return this.find(order);
  }

  /** CancelRx for an order that went out as SCRIPT. @returns the answer, as XML */
  cancel(order: PrescriptionOrder): Promise<string> {
    return this.integrator.raw('/api/intake', 'application/xml', cancelOf(order, new Date()));
  }

  /** A SCRIPT Status names no id of ours: the patient of the order leads to it, once validation has matched them. */
  private find({ patient: { externalId = '' } }: PrescriptionOrder): Promise<string> {
    const query = `externalId=${encodeURIComponent(externalId)}`;
    return eventually('the prescription of a SCRIPT message', async () => {
      const { items } = await this.integrator.get<{ items: { id: string }[] }>(`/api/patients?${query}`);
      const [patient] = items;
      if (patient === undefined) return undefined;
      const page = await this.integrator.get<{ items: { id: string }[] }>(`/api/prescriptions?patientId=${patient.id}`);
      return page.items[0]?.id;
    });
  }
}

/** The CancelRx of an order: sent again it is the same message, and never taken for the order's own. */
export function cancelOf(order: PrescriptionOrder, sentTime: Date): string {
  const { messageId = '' } = order;
  const header = {
    messageId: createHash('sha256').update(`cancel ${messageId}`).digest('hex').slice(0, messageIdLength),
    ...(messageId !== '' && { relatesToMessageId: messageId }),
    from: { id: order.prescriber.spi ?? 'UNKNOWN', qualifier: 'D' },
    to: receiver,
    sentTime,
  };
  return buildCancelRx(order, header, '2017071');
}
