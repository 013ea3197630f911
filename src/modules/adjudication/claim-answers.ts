import type { Keyring } from '../../platform/crypto/index.js';
import type { ClaimRecord, DurAlertCode } from './claim.entity.js';
import { nextFillDateOf } from './disposition.policy.js';
import { durReasonWords } from './dur-codes.js';
import type { ClaimAmounts, ClaimAnswer, DurAlert } from './gateways/claim-switch.port.js';

/** What of an alert may name other medicines: only sealed. */
type DurAlertText = Omit<DurAlert, keyof DurAlertCode>;

/** A payer's answer as the effects ledger keeps it: codes, amounts, a date, a phone; free text only sealed. */
// A type, not an interface: ledger replies must be index-compatible.
export type ClaimReply = {
  id: string | null;
  status: string;
  rejectCodes: string[];
  amounts: ClaimAmounts | null;
  nextFillDate: string | null;
  /** Base64 of the sealed messages. */
  messages: string | null;
  /** This and what follows is absent in replies from before it was kept. */
  helpDeskPhone?: string | null;
  durAlerts?: DurAlertCode[];
  /** Base64 of what is sealed of the alerts, in their order. */
  durTexts?: string | null;
};

/** What a payer wrote, opened. */
export interface PayerWords {
  messages: string[];
  /** In the order of the claim's alerts. */
  alerts: DurAlertText[];
}

export function replyOf(keyring: Keyring, claimId: string, answer: ClaimAnswer): ClaimReply {
  const { status, authorizationNumber, rejectCodes, amounts, messages, durAlerts } = answer;
  const sealed = (column: SealedColumn, said: readonly unknown[]) =>
    said.length === 0 ? null : keyring.seal(placeOf(column, claimId), JSON.stringify(said)).toString('base64');
  return {
    id: authorizationNumber ?? null,
    status,
    rejectCodes,
    amounts: amounts ?? null,
    nextFillDate: nextFillDateOf(messages) ?? null,
    messages: sealed('messages_sealed', messages),
    helpDeskPhone: answer.helpDeskPhone ?? null,
    durAlerts: durAlerts.map(({ reason, significance }) => ({ reason, significance })),
    durTexts: sealed('dur_sealed', durAlerts.map(textOf)),
  };
}

export function openWords(keyring: Keyring, claim: SealedAnswer): PayerWords {
  const open = (column: SealedColumn, sealed: Buffer | null): unknown =>
    sealed === null ? [] : JSON.parse(keyring.openText(placeOf(column, claim.id), sealed));
  // Written by `replyOf` and authenticated by the seal.
  return {
    messages: open('messages_sealed', claim.messagesSealed) as string[],
    alerts: open('dur_sealed', claim.durSealed) as DurAlertText[],
  };
}

export const hasWords = ({ messagesSealed, durSealed }: SealedAnswer): boolean =>
  messagesSealed !== null || durSealed !== null;

/** The alerts of a claim in codes and what these mean; nothing of it is the patient's. */
export function alertsOf({ durAlerts }: Pick<ClaimRecord, 'durAlerts'>) {
  return (durAlerts ?? []).map(({ reason, significance }) => ({
    reason,
    meaning: durReasonWords(reason) ?? null,
    significance: significance ?? null,
  }));
}

type SealedAnswer = Pick<ClaimRecord, 'id' | 'messagesSealed' | 'durSealed'>;
type SealedColumn = 'messages_sealed' | 'dur_sealed';

function placeOf(column: SealedColumn, claimId: string) {
  return { table: 'claims', column, row: claimId };
}

function textOf({ previousFillDate, previousQuantity, text }: DurAlert): DurAlertText {
  return { previousFillDate, previousQuantity, text };
}
