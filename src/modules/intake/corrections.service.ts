import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { Database } from '../../platform/db/index.js';
import { Audit } from '../audit/index.js';
import { actorOf, contextOf, type Principal } from '../auth/index.js';
import { isSameFill, Prescriptions, type PrescriptionOrder } from '../prescriptions/index.js';
import { scheduleNamed } from '../prescriptions/order/index.js';
import { FormatError } from './formats/format-error.js';
import { check, text, toOrder } from './formats/order.schema.js';
import { fail, problemOfFormat } from './intake.errors.js';
import { mergePatch } from './merge-patch.js';
import { keepSignature } from './signature.policy.js';

const correction = z.strictObject({ reason: text(200).min(3), patch: z.record(z.string(), z.unknown()) });

/** The one that was sent, and signed. */
const firstVersion = 1;

/** A schedule without its code, which the order still has as it was received. */
const ofSchedule = z.object({ medication: z.object({ schedule: z.string(), scheduleCode: z.undefined().optional() }) });

const withEarlyFill = z.object({ medication: z.object({ earlyFillReason: z.string() }) });

/**
 * A correction is taken in like an order: held to the same structure, kept as a version of its own, validated again. It
 * stands here because the structure of orders does.
 */
@Injectable()
export class Corrections {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly prescriptions: Prescriptions,
  ) {}

  /**
   * @throws intake.order-invalid naming each field, intake.correction-unchanged, prescription.not-found,
   *   prescription.illegal-action when it has no issue of validation, routing or the payer
   */
  async resubmit(principal: Principal, id: string, body: unknown): Promise<{ version: number }> {
    const { reason, patch } = refusing(() => check(correction, body, 'intake.order-invalid'));
    return this.db.tx(contextOf(principal), async (tx) => {
      // Of two corrections at once the second one patches what the first one made.
      await this.prescriptions.lock(tx, id);
      const current = await this.prescriptions.order(tx, id);
      const corrected = asSent(
        await this.prescriptions.order(tx, id, firstVersion),
        refusing(() => ofThisFill(current, patch, withSchedule(patch, toOrder(mergePatch(current, patch))))),
      );
      if (isDeepStrictEqual(current, corrected)) throw fail('intake.correction-unchanged');
      const version = await this.prescriptions.resubmit(tx, id, corrected, {
        actor: actorOf(principal),
        reason,
      });
      await this.audit.record(tx, { action: 'write', entity: 'prescription', entityIds: [id], reason: 'resubmit' });
      return version;
    });
  }
}

/** Of code and schedule the code decides: one that says otherwise than whoever corrects would overrule the correction. */
function withSchedule(patch: unknown, corrected: PrescriptionOrder): PrescriptionOrder {
  const { scheduleCode, ...medication } = corrected.medication;
  if (scheduleCode === undefined || !ofSchedule.safeParse(patch).success) return corrected;
  return scheduleNamed(scheduleCode) === medication.schedule ? corrected : { ...corrected, medication };
}

/** Why a fill may be early is said of that drug and patient; of others it has to be said again. */
function ofThisFill(current: PrescriptionOrder, patch: unknown, corrected: PrescriptionOrder): PrescriptionOrder {
  const { earlyFillReason, ...medication } = corrected.medication;
  if (earlyFillReason === undefined || isSameFill(current, corrected)) return corrected;
  return withEarlyFill.safeParse(patch).success ? corrected : { ...corrected, medication };
}

/** Whose message it is, and whether it was signed, cannot be corrected: cancels and answers find the prescription by its numbers. */
function asSent(received: PrescriptionOrder, corrected: PrescriptionOrder): PrescriptionOrder {
  const { messageId, prescriberOrderNumber, sentAt } = received;
  return {
    ...keepSignature(received, corrected),
    ...(messageId !== undefined && { messageId }),
    ...(prescriberOrderNumber !== undefined && { prescriberOrderNumber }),
    ...(sentAt !== undefined && { sentAt }),
  };
}

function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof FormatError ? problemOfFormat(error) : error;
  }
}
