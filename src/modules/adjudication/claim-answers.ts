import type { Keyring } from '../../platform/crypto/index.js';
import { nextFillDateOf } from './disposition.policy.js';
import type { ClaimAmounts, ClaimAnswer } from './gateways/claim-switch.port.js';

/** A payer's answer as the effects ledger keeps it: codes, amounts, a date; free text only sealed. */
// A type, not an interface: ledger replies must be index-compatible.
export type ClaimReply = {
  id: string | null;
  status: string;
  rejectCodes: string[];
  amounts: ClaimAmounts | null;
  nextFillDate: string | null;
  /** Base64 of the sealed messages. */
  messages: string | null;
};

export function replyOf(keyring: Keyring, claimId: string, answer: ClaimAnswer): ClaimReply {
  const { status, authorizationNumber, rejectCodes, amounts, messages } = answer;
  const place = { table: 'claims', column: 'messages_sealed', row: claimId };
  return {
    id: authorizationNumber ?? null,
    status,
    rejectCodes,
    amounts: amounts ?? null,
    nextFillDate: nextFillDateOf(messages) ?? null,
    messages: messages.length === 0 ? null : keyring.seal(place, JSON.stringify(messages)).toString('base64'),
  };
}
