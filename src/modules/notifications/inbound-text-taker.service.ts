import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Patients } from '../directory/index.js';
import { admitted, type Bound, type ReceivedWebhook, type WebhookVerdict } from '../webhooks/index.js';
import type { TextMeaning } from './inbound-text.entity.js';
import { InboundTextsStore, type TextSender } from './inbound-texts.store.js';
import { keywordOf, readsAsRevocation } from './keywords.policy.js';
import { OptOutsStore } from './opt-outs.store.js';

export interface InboundMessage {
  /** E.164, as the carrier says. */
  from: string;
  body: string;
  event: ReceivedWebhook;
}

const toBeLookedAt: ReadonlySet<TextMeaning> = new Set(['revocation', 'words']);

/**
 * Takes what people answer: consent is heeded at once whoever they are, and the text is kept for the organization whose
 * message it answers. Twilio confirms STOP and answers HELP by itself.
 */
@Injectable()
export class InboundTextTaker {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly patients: Patients,
    private readonly optOuts: OptOutsStore,
    private readonly texts: InboundTextsStore,
  ) {}

  take({ from, body, event }: InboundMessage): Promise<WebhookVerdict> {
    return this.db.tx(systemContext, async (tx) => {
      const sender = await this.senderOf(tx, from, event);
      // Of a number that is nobody's here the importer has nothing to say.
      if (event.within !== undefined && typeof sender === 'string') return { outcome: 'parked', code: sender };
      await this.optOuts.reached(tx, from, event.receivedAt);
      const meaning = await this.heed(tx, from, body, event.receivedAt);
      const code = `sms.${meaning}`;
      const isOpen = toBeLookedAt.has(meaning);
      if (typeof sender === 'string') {
        return isOpen ? { outcome: 'parked', code: sender, related: { meaning } } : { outcome: 'processed', code };
      }
      const { id: webhookEventId, receivedAt } = event;
      const id = await this.texts.add(tx, { ...sender, webhookEventId, meaning, body, receivedAt, isOpen });
      if (id !== undefined && isOpen) await this.tell(tx, id, sender, meaning);
      const { organizationId, patientId, prescriptionId, notificationId } = sender;
      return { outcome: 'processed', code, organizationId, related: { patientId, prescriptionId, notificationId } };
    });
  }

  private async heed(tx: Tx, from: string, body: string, at: Date): Promise<TextMeaning> {
    const keyword = keywordOf(body);
    switch (keyword) {
      case 'stop':
        await this.optOuts.add(tx, from, 'all', 'sms.stop', at);
        return 'stop';
      case 'start':
      case 'yes': {
        const wasBlocked = await this.optOuts.end(tx, from, 'all', 'sms.start', at);
        return wasBlocked || keyword === 'start' ? 'start' : 'words';
      }
      case 'help':
        return 'help';
      case undefined:
        if (!readsAsRevocation(body)) return 'words';
        await this.optOuts.add(tx, from, 'all', 'sms.words', at);
        return 'revocation';
    }
  }

  /** Whoever was written to last at that number answers. @returns a code when nobody can tell whose it is */
  private async senderOf(
    tx: Tx,
    from: string,
    bound: Bound,
  ): Promise<TextSender | 'sms.sender-unknown' | 'sms.sender-ambiguous'> {
    const known = (await this.patients.withPhone(tx, from)).filter((patient) => admitted(patient, bound));
    const [first] = known;
    if (first === undefined) return 'sms.sender-unknown';
    const answered = await this.texts.lastSent(
      tx,
      known.map(({ id }) => id),
    );
    if (answered !== undefined) return answered;
    const { organizationId } = first;
    if (known.some((one) => one.organizationId !== organizationId)) return 'sms.sender-ambiguous';
    const patientId = known.length === 1 ? first.id : null;
    return { organizationId, patientId, notificationId: null, prescriptionId: null };
  }

  private async tell(tx: Tx, textId: string, sender: TextSender, meaning: TextMeaning): Promise<void> {
    const { organizationId, prescriptionId, notificationId } = sender;
    const about = {
      ...(prescriptionId !== null && { prescriptionId }),
      ...(notificationId !== null && { notificationId }),
    };
    await this.outbox.publish(tx, {
      name: 'text_received',
      aggregateId: prescriptionId ?? textId,
      organizationId,
      payload: { textId, status: meaning, ...about },
    });
  }
}
