import type { z } from 'zod';
import { alphanumeric } from '../core/ids.js';
import type { World } from '../core/world.js';
import { invalid, noSuch } from './stripe.errors.js';
import type { Caller, StripeEvents } from './stripe.events.js';
import { nowSeconds, type Charge, type Dispute } from './stripe.objects.js';
import type * as params from './stripe.params.js';

/** A cardholder's bank wants an answer within days; card networks give seven at least. */
const ANSWER_WITHIN_S = 7 * 24 * 3600;
const bank: Caller = { requestId: null, idempotencyKey: null };
const open: ReadonlySet<Dispute['status']> = new Set(['needs_response', 'warning_needs_response']);

/** What cardholders' banks ask about and take back. */
export class StripeDisputes {
  readonly all = new Map<string, Dispute>();

  constructor(
    private readonly world: World,
    private readonly events: StripeEvents,
  ) {}

  reset(): void {
    this.all.clear();
  }

  get(id: string): Dispute {
    const dispute = this.all.get(id);
    if (!dispute) throw noSuch('dispute', id);
    return dispute;
  }

  /** An inquiry (`warning_…`) only asks; anything else takes the money at once. */
  open(charge: Charge, input: z.infer<typeof params.openDispute>): Dispute {
    const left = charge.amount_captured - charge.amount_refunded;
    const amount = input.amount ?? left;
    if (amount < 1 || amount > left) throw invalid(`There is ${left} left to dispute.`, { param: 'amount' });
    if (this.ofCharge(charge.id).some(({ status }) => open.has(status)))
      throw invalid(`Charge ${charge.id} has an open dispute.`);
    const created = nowSeconds();
    const dispute: Dispute = {
      id: `du_${alphanumeric(24)}`,
      object: 'dispute',
      amount,
      balance_transactions: [],
      charge: charge.id,
      created,
      currency: charge.currency,
      evidence: {},
      evidence_details: {
        due_by: created + ANSWER_WITHIN_S,
        has_evidence: false,
        past_due: false,
        submission_count: 0,
      },
      is_charge_refundable: isInquiry(input.status),
      livemode: false,
      metadata: {},
      payment_intent: charge.payment_intent,
      reason: input.reason,
      status: input.status,
    };
    this.all.set(dispute.id, dispute);
    const digest = { amountCents: amount, reference: charge.payment_intent };
    this.world.ledger.record({ vendor: 'stripe', kind: 'dispute', key: charge.id, id: dispute.id, digest });
    this.events.emit('charge.dispute.created', dispute, bank);
    if (!isInquiry(dispute.status)) this.events.emit('charge.dispute.funds_withdrawn', dispute, bank);
    return dispute;
  }

  /** The bank decides; an inquiry is closed without a winner. */
  close(id: string, outcome: 'won' | 'lost'): Dispute {
    const dispute = this.get(id);
    const before = { status: dispute.status };
    if (!open.has(dispute.status)) throw invalid(`This dispute is already closed: ${dispute.status}.`);
    dispute.status = isInquiry(dispute.status) ? 'warning_closed' : outcome;
    this.events.emit('charge.dispute.closed', dispute, bank, before);
    if (dispute.status === 'won') this.events.emit('charge.dispute.funds_reinstated', dispute, bank);
    return dispute;
  }

  /** Stripe refunds nothing that is with the bank. @throws StripeRefusal charge_disputed */
  refuseRefund(chargeId: string): void {
    const taken = this.ofCharge(chargeId).some(({ status }) => status === 'needs_response' || status === 'lost');
    if (!taken) return;
    throw invalid(`Charge ${chargeId} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' });
  }

  private ofCharge(chargeId: string): Dispute[] {
    return [...this.all.values()].filter(({ charge }) => charge === chargeId);
  }
}

function isInquiry(status: Dispute['status']): boolean {
  return status.startsWith('warning_');
}
