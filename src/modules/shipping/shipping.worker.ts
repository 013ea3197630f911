import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { FileReferences } from '../../platform/storage/index.js';
import { Pharmacies } from '../directory/index.js';
import { Compensations, FirstFills, Prescriptions, type Prescription } from '../prescriptions/index.js';
import { fulfilStep, type FulfilStep } from './fulfil.policy.js';
import { LabelGateway } from './gateways/label-gateway.port.js';
import { labelFolder, LabelShipping } from './label-shipping.js';
import { LabelVoids } from './label-voids.js';
import { LateFills } from './late-fills.js';
import { PartnerHandOver } from './partner-hand-over.js';
import { PartnerOrdersStore } from './partner-orders.store.js';
import {
  followJob,
  fulfilJob,
  handOverJob,
  pollDueEveryMs,
  pollDueJob,
  pollJob,
  voidLabelJob,
  type FulfilPayload,
  type VoidLabelPayload,
} from './shipping.jobs.js';
import { ShipmentsStore } from './shipments.store.js';
import { SilentParcels } from './silent-parcels.js';
import { onTheWay } from './tracking.policy.js';
import { Tracking } from './tracking.service.js';

/** Of one minute; the rest waits for the next. */
const mostPolls = 500;

@Injectable()
export class ShippingWorker implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly schedules: Schedules,
    private readonly files: FileReferences,
    private readonly prescriptions: Prescriptions,
    private readonly firstFills: FirstFills,
    private readonly lateFills: LateFills,
    private readonly pharmacies: Pharmacies,
    private readonly compensations: Compensations,
    private readonly labels: LabelShipping,
    private readonly voids: LabelVoids,
    private readonly partners: PartnerHandOver,
    private readonly shipments: ShipmentsStore,
    private readonly partnerOrders: PartnerOrdersStore,
    private readonly tracking: Tracking,
    private readonly silent: SilentParcels,
    private readonly gateway: LabelGateway,
  ) {}

  onModuleInit(): void {
    this.schedules.add({ job: pollDueJob, everyMs: pollDueEveryMs });
    this.files.register(labelFolder, 'SELECT label_key FROM shipments WHERE label_key = ANY($1::text[])');
    this.compensations.register({
      step: 'label',
      run: (prescriptionId) => this.labels.undo(prescriptionId),
      stillPossible: (prescriptionId) => this.labels.stillPossible(prescriptionId),
      mayArrive: async (tx, prescriptionId) =>
        (await this.shipments.ofPrescription(tx, prescriptionId)).some(({ status }) => onTheWay.has(status)),
    });
    this.compensations.register({
      step: 'pharmacy_order',
      run: (prescriptionId) => this.partners.undo(prescriptionId),
    });
  }

  /** @throws Unrecoverable `shipping.order-expired`, and what buying a label throws */
  @Handles(fulfilJob)
  async fulfil(payload: FulfilPayload, run: JobRun): Promise<void> {
    const { prescriptionId } = payload;
    const [step, attempt] = await this.db.tx(systemContext, async (tx) => {
      // The lock labels are booked under: a run beside this one could book between the two answers, and its label would count
      // as one before ours.
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      // Elsewhere the claim has waited for the first day of the fill; on the direct path there is none.
      const isFirst = prescription.state === 'pharmacy_selected';
      if (isFirst && (await this.firstFills.putOff(tx, fulfilJob, prescription, run))) return ['nothing', 0] as const;
      const next = await Promise.all([
        this.stepFor(tx, prescription, payload.replaces),
        this.labels.nextAttempt(tx, prescriptionId),
      ]);
      if (next[0] === 'label') await this.lateFills.refuse(tx, prescription);
      return next;
    });
    if (step === 'label') await this.labels.ship(prescriptionId, attempt, run);
    if (step === 'hand_over') await this.passOn(prescriptionId, run);
    if (step === 'undo') await this.labels.undoForJob(prescriptionId);
  }

  /** @throws Unrecoverable `shipping.order-expired`, and what placing the order throws */
  @Handles(handOverJob)
  async handOver({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    const step = await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.get(tx, prescriptionId);
      const next = await this.stepFor(tx, prescription);
      if (next === 'hand_over') await this.lateFills.refuseUnplaced(tx, prescription);
      return next;
    });
    if (step === 'hand_over') await this.partners.handOver(prescriptionId, run);
    if (step === 'undo') await this.partners.undo(prescriptionId);
  }

  @Handles(voidLabelJob)
  async voidLabel(payload: VoidLabelPayload, run: JobRun): Promise<void> {
    await this.voids.resume(payload, run);
  }

  @Handles(followJob)
  async follow({ shipmentId }: { shipmentId: string }): Promise<void> {
    const shipment = await this.db.tx(systemContext, (tx) => this.shipments.get(tx, shipmentId));
    if (shipment === undefined || shipment.carrier === null) return;
    // Asking twice changes nothing there, so this is no effect of the ledger.
    await this.gateway.follow(shipment.carrier, shipment.trackingNumber);
  }

  @Handles(pollDueJob)
  async pollDue(_payload: { slot: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      await this.silent.giveUp(tx, mostPolls);
      const due = this.gateway.isOn ? await this.tracking.takeDue(tx, mostPolls) : [];
      for (const { id, prescriptionId, organizationId } of due) {
        await this.outbox.enqueue(tx, pollJob, { shipmentId: id }, { aggregateId: prescriptionId, organizationId });
      }
      await this.outbox.close(tx, run);
    });
  }

  @Handles(pollJob)
  async poll({ shipmentId }: { shipmentId: string }, run: JobRun): Promise<void> {
    const shipment = await this.db.tx(systemContext, (tx) => this.shipments.get(tx, shipmentId));
    if (shipment === undefined || shipment.carrier === null || shipment.voidedAt !== null) return;
    const reports = await this.gateway.track(shipment.carrier, shipment.trackingNumber);
    await this.db.tx(systemContext, async (tx) => {
      for (const report of reports) {
        await this.tracking.carrierReport(tx, shipment, report, {
          source: 'poll',
          trigger: 'schedule',
          jobId: run.outboxId,
        });
      }
      await this.shipments.setPolled(tx, shipmentId);
      await this.outbox.close(tx, run);
    });
  }

  private async stepFor(tx: Tx, prescription: Prescription, replaces?: string): Promise<FulfilStep> {
    const { id, state, path, pharmacyId } = prescription;
    const [pharmacy, parcels, orders] = await Promise.all([
      pharmacyId === null ? undefined : this.pharmacies.find(tx, pharmacyId),
      this.shipments.ofPrescription(tx, id),
      this.partnerOrders.ofPrescription(tx, id),
    ]);
    if (pharmacy === undefined) return 'nothing';
    return fulfilStep({
      state,
      path,
      pharmacyKind: pharmacy.kind,
      hasLabel: parcels.some(({ kind, voidedAt }) => kind === 'platform_label' && voidedAt === null),
      hasPartnerOrder: orders.some(({ cancelledAt }) => cancelledAt === null),
      replaces: replaces !== undefined,
    });
  }

  /** A queue per neighbour: a slow pharmacy must not hold up labels. */
  private async passOn(prescriptionId: string, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const { organizationId } = await this.prescriptions.get(tx, prescriptionId);
      const about = { aggregateId: prescriptionId, organizationId, dedupeKey: `shipping.hand_over ${run.outboxId}` };
      await this.outbox.enqueue(tx, handOverJob, { prescriptionId }, about);
      await this.outbox.close(tx, run);
    });
  }
}
