import { planAnswered, type PlanClaim } from './attempt.policy.js';
import type { ClaimCorrection } from './claim-correction.entity.js';
import type { DurResponse } from './gateways/claim-switch.port.js';

/** A plan knows its own numbers only, and no other one is told of them. */
export function lastPriorAuthNumber(
  corrections: readonly ClaimCorrection[],
  claims: readonly PlanClaim[],
  bin: string | undefined,
): string | undefined {
  const ofThisPlan = corrections.filter(({ attempt }) => (planAnswered(claims, attempt) ?? bin) === bin);
  return ofThisPlan.findLast(({ priorAuthNumber }) => priorAuthNumber !== null)?.priorAuthNumber ?? undefined;
}

/** 473-7E counts to nine. */
const mostDurResponses = 9;

/** The latest to each alert: a payer that names two is paid for none while one of them stands unanswered. */
export function durResponsesOf(corrections: readonly ClaimCorrection[]): DurResponse[] {
  const byReason = new Map<string, DurResponse>();
  for (const { durReason: reason, durService: service, durResult: result } of corrections) {
    if (reason !== null && service !== null && result !== null) byReason.set(reason, { reason, service, result });
  }
  return [...byReason.values()].slice(-mostDurResponses);
}
