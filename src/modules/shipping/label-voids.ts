import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { Refused } from '../../platform/effects/index.js';
import { fail as platformFail } from '../../platform/errors/index.js';
import type { JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import type { Principal } from '../auth/index.js';
import { notRefunded, voidRefused } from './gateways/label-gateway.port.js';
import { LabelShipping } from './label-shipping.js';
import type { Shipment } from './shipment.entity.js';
import { ShipmentsStore } from './shipments.store.js';
import { fail } from './shipping.errors.js';
import { fulfilJob, voidLabelJob, type VoidLabelPayload } from './shipping.jobs.js';
import { unscanned } from './tracking.policy.js';

/**
 * Labels people give back. What was asked for is noted before the carrier is asked, and crossed out with its end: a void whose
 * answer is lost, or whose process died, goes on by itself.
 */
@Injectable()
export class LabelVoids {
  constructor(
    private readonly db: Database,
    private readonly shipments: ShipmentsStore,
    private readonly labels: LabelShipping,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'EFFECT_HOLD_MS'>,
  ) {}

  /**
   * @throws shipment.already-scanned, shipment.not-refunded; service.unavailable when the carrier does not say what became of the label, or was not
   *   asked because it is off
   */
  async request({ kind, id, role }: Principal, shipment: Shipment, replace: boolean): Promise<void> {
    const payload: VoidLabelPayload = {
      shipmentId: shipment.id,
      wants: replace ? 'replacement' : 'void',
      actorKind: kind,
      actorId: id,
      actorRole: role,
    };
    const resumption = await this.remember(payload, shipment);
    try {
      await this.labels.voidLabel(shipment);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) {
        throw platformFail('service.unavailable', { retryAfterSeconds: 5, meta: { part: 'carrier' }, cause: error });
      }
      await this.forget(resumption);
      throw fail(refusal);
    }
    await this.finish(payload, shipment, resumption);
  }

  /**
   * Goes on with what was asked for, unless the parcel has left.
   * @throws Refused `shipping.label-not-refunded`: it may still leave, which only a person can prevent
   */
  async resume(payload: VoidLabelPayload, run: JobRun): Promise<void> {
    const shipment = await this.db.tx(systemContext, (tx) => this.shipments.get(tx, payload.shipmentId));
    if (shipment === undefined || !(await this.isVoided(shipment))) return this.forget(run);
    await this.finish(payload, shipment, run);
  }

  private async isVoided(shipment: Shipment): Promise<boolean> {
    if (!unscanned.has(shipment.status)) return false;
    try {
      await this.labels.voidLabel(shipment);
      return true;
    } catch (error) {
      if (refusalOf(error) !== 'shipment.already-scanned') throw error;
      return false;
    }
  }

  /** Not before the first try has surely ended: until then nobody asks about it. */
  private remember(payload: VoidLabelPayload, { prescriptionId, organizationId }: Shipment): Promise<JobRun> {
    return this.db.tx(systemContext, async (tx) => {
      const dueAt = new Date(this.clock.now().getTime() + this.config.EFFECT_HOLD_MS);
      const about = { aggregateId: prescriptionId, organizationId, dueAt };
      const outboxId = await this.outbox.enqueue(tx, voidLabelJob, payload, about);
      if (outboxId === undefined) throw new Error('a job without a key was not enqueued');
      return { outboxId, attempt: 1, closed: false };
    });
  }

  private forget(run: JobRun): Promise<void> {
    return this.db.tx(systemContext, (tx) => this.outbox.close(tx, run));
  }

  private finish(payload: VoidLabelPayload, shipment: Shipment, run: JobRun): Promise<void> {
    const { id, prescriptionId, organizationId } = shipment;
    const { wants, actorKind, actorId, actorRole } = payload;
    return this.db.tx(systemContext, async (tx) => {
      await this.audit.record(tx, {
        action: 'write',
        entity: 'shipment',
        entityIds: [id, prescriptionId],
        organizationId,
        actor: { kind: actorKind, id: actorId, role: actorRole },
        reason: 'void',
      });
      if (wants === 'replacement') {
        const about = { aggregateId: prescriptionId, organizationId, dedupeKey: `shipping.replace ${id}` };
        await this.outbox.enqueue(tx, fulfilJob, { prescriptionId, replaces: id }, about);
      }
      await this.outbox.close(tx, run);
    });
  }
}

const refusals = { [voidRefused]: 'shipment.already-scanned', [notRefunded]: 'shipment.not-refunded' } as const;

/** The carrier's own word; whatever else went wrong says nothing of the label. */
function refusalOf(error: unknown) {
  return error instanceof Refused ? (refusals as Partial<Record<string, Refusal>>)[error.code] : undefined;
}
type Refusal = (typeof refusals)[keyof typeof refusals];
