import type { Config } from '../../../config/index.js';
import { senderPhoneOf } from '../../modules/shipping/index.js';
import { systemContext, type Database } from '../../platform/db/index.js';
import type { Finding } from './finding.js';

const shownIds = 5;

export interface LabelSender {
  id: string;
  phone: string | null;
  /** Of its organization. */
  supportPhone: string | null;
}

/** Pharmacies whose labels we buy: USPS takes the money of none without a phone of the sender's, and says so at the purchase only. */
export async function checkSenders(db: Database, config: Pick<Config, 'SUPPORT_PHONE'>): Promise<Finding[]> {
  const senders = await db.tx(
    systemContext,
    (tx) =>
      tx.query<LabelSender>(
        `SELECT pharmacy.id, phone, support_phone AS "supportPhone"
         FROM pharmacies pharmacy JOIN organizations organization ON organization.id = organization_id
         WHERE kind = 'platform_label' ORDER BY pharmacy.id`,
      ),
    { readOnly: true },
  );
  return [sendersFinding(senders, config.SUPPORT_PHONE)];
}

export function sendersFinding(senders: readonly LabelSender[], helpLine: string): Finding {
  const area = 'label senders';
  const mute = senders.filter(({ phone, supportPhone }) => senderPhoneOf(phone, supportPhone, helpLine) === undefined);
  if (mute.length === 0) return { area, level: 'ok', found: `${senders.length} pharmacies, all with a phone` };
  const ids = mute.slice(0, shownIds).map(({ id }) => id);
  const more = mute.length > shownIds ? ` and ${mute.length - shownIds} more` : '';
  return {
    area,
    level: 'warn',
    found: `${mute.length} of ${senders.length} pharmacies have no phone, nor a help line that is a number`,
    next: `USPS prints no label for them. Set SUPPORT_PHONE to a number, or the phone of ${ids.join(', ')}${more}.`,
  };
}
