import { z } from 'zod';
import { vendors, type Vendor } from './vendor.js';

export const faultKinds = [
  '500_before',
  '500_after',
  'hang',
  'reset',
  '429',
  'duplicate_webhook',
  'reorder_webhooks',
  'wrong_signature',
  'drop_webhook',
  'refuse_sender',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export const requestFaults: readonly FaultKind[] = ['500_before', '500_after', 'hang', 'reset', '429'];

export const faultInput = z.strictObject({
  vendor: z.enum(vendors),
  /** `path` and `event` match when they are contained; `event` is for webhooks (Stripe's type, a status word). */
  match: z
    .strictObject({ method: z.string().optional(), path: z.string().optional(), event: z.string().optional() })
    .default({}),
  kind: z.enum(faultKinds),
  times: z.int().min(1).max(1_000_000).default(1),
  /** For `hang` and `reset`: does the effect happen before the line goes quiet? Unknown to the caller, so yes by default. */
  stage: z.enum(['before', 'after']).default('after'),
});

export type Fault = z.infer<typeof faultInput> & { id: number; remaining: number };

export interface FaultTarget {
  method?: string;
  path?: string;
  event?: string;
}

export class Faults {
  private faults: Fault[] = [];
  private lastId = 0;

  add(input: z.infer<typeof faultInput>): Fault {
    this.lastId += 1;
    const fault = { ...input, id: this.lastId, remaining: input.times };
    this.faults.push(fault);
    return fault;
  }

  list(): Fault[] {
    return this.faults;
  }

  clear(): void {
    this.faults = [];
  }

  /** The first armed fault for this request or webhook; each call uses it up once. */
  take(vendor: Vendor, kinds: readonly FaultKind[], target: FaultTarget): Fault | undefined {
    const fault = this.faults.find(
      (one) => one.remaining > 0 && one.vendor === vendor && kinds.includes(one.kind) && matches(one.match, target),
    );
    if (fault) fault.remaining -= 1;
    return fault;
  }
}

function matches(match: Fault['match'], target: FaultTarget): boolean {
  return (
    (match.method === undefined || match.method.toUpperCase() === target.method) &&
    (match.path === undefined || (target.path ?? '').includes(match.path)) &&
    (match.event === undefined || (target.event ?? '').includes(match.event))
  );
}
