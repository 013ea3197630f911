import { defineJob } from '../../platform/jobs/index.js';

// Types, not interfaces: payloads must be index-compatible.
export type FulfilPayload = {
  prescriptionId: string;
  /** A voided parcel whose label is to be bought anew. */
  replaces?: string;
};

/**
 * Buys the label, or passes the prescription on to `hand_over` when its pharmacy ships by itself. On
 * the direct path there is nothing to pay.
 */
export const fulfilJob = defineJob<FulfilPayload>({
  name: 'shipping.fulfil',
  queue: 'shippo',
  retry: 'vendor',
  on: ['payment_successful', { event: 'pharmacy_selected', variant: 'direct' }],
});

/** Places the order in a partner pharmacy's own system. */
export const handOverJob = defineJob<{ prescriptionId: string }>({
  name: 'shipping.hand_over',
  queue: 'lifefile',
  retry: 'vendor',
});

export type VoidLabelPayload = {
  shipmentId: string;
  wants: 'void' | 'replacement';
  /** `system`: its address was corrected while it was bought. */
  actorKind: 'user' | 'api-key' | 'system';
  actorId?: string;
  actorRole?: string;
};

/** Ends a void whose request came to no end: the process died, or the carrier did not say what became of the label. */
export const voidLabelJob = defineJob<VoidLabelPayload>({
  name: 'shipping.void_label',
  queue: 'shippo',
  retry: 'vendor',
});

/** Asks for webhooks about a number that a pharmacy gave us. */
export const followJob = defineJob<{ shipmentId: string }>({
  name: 'shipping.follow',
  queue: 'shippo',
  retry: 'vendor',
});

export const pollDueJob = defineJob<{ slot: string }>({
  name: 'shipping.poll_due',
  queue: 'maintenance',
  retry: 'step',
});

/** Asks the carrier, for webhooks that never came. */
export const pollJob = defineJob<{ shipmentId: string }>({
  name: 'shipping.poll',
  queue: 'shippo',
  retry: 'poll',
});

export const pollDueEveryMs = 60_000;
