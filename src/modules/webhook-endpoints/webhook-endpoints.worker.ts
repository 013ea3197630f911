import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, TryLater, type JobDefinition, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { Audit } from '../audit/index.js';
import { Tickets } from '../tickets/index.js';
import { isGivenUp, verdictOf, waitAfter, type Answer, type Unanswered, type Verdict } from './delivery.policy.js';
import { EndpointSlots } from './endpoint-slots.js';
import { bodyOf, pingEvent } from './event-catalog.js';
import { HttpSender } from './gateways/http-sender.js';
import { messageIdOf, signatureHeaders } from './signature.policy.js';
import { WebhookDeliveriesStore, type DueDelivery } from './webhook-deliveries.store.js';
import type { DisabledReason } from './webhook-endpoint.entity.js';
import {
  deliverInTurnJob,
  deliverJob,
  hearJob,
  sweepDeliveriesJob,
  sweepEveryMs,
  type Try,
} from './webhook-endpoints.jobs.js';
import { WebhookEndpointsStore } from './webhook-endpoints.store.js';
import { WebhookRecoveriesStore } from './webhook-recoveries.store.js';
import { WebhookSecrets } from './webhook-secrets.js';

/** Looks for a free place again after this long, spread out: whoever waits is behind calls that take up to 15 s. */
const busyMs = { least: 3_000, spread: 9_000 };
const sweptAtOnce = 1_000;

/** Commits what came of a try, and with it the end of its job. */
type Finish = (work: (tx: Tx) => Promise<void>) => Promise<void>;

/**
 * Tells integrators. At least once: the `webhook-id` is the event's, so what a crash between call and answer sends again
 * is known to the receiver. It is our neighbour's server that decides how long that takes, so nothing here waits for it
 * inside a transaction.
 */
@Injectable()
export class WebhookEndpointsWorker implements OnModuleInit {
  private readonly slots = new EndpointSlots();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'RETRY_SCALE'>,
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly schedules: Schedules,
    private readonly audit: Audit,
    private readonly endpoints: WebhookEndpointsStore,
    private readonly deliveries: WebhookDeliveriesStore,
    private readonly recoveries: WebhookRecoveriesStore,
    private readonly secrets: WebhookSecrets,
    private readonly sender: HttpSender,
    private readonly tickets: Tickets,
  ) {}

  onModuleInit(): void {
    this.schedules.add({ job: sweepDeliveriesJob, everyMs: sweepEveryMs });
  }

  @Handles(hearJob)
  async hear(_payload: { prescriptionId?: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const heard = await this.deliveries.happened(tx, run.outboxId);
      if (heard !== undefined) {
        const { endpoints, organizationId, eventId, event, payload, ticketId } = heard;
        const about = { ...(ticketId !== null && { ticketId }), ...payload };
        const body = bodyOf({ event, occurredAt: heard.occurredAt, payload: about });
        for (const endpointId of endpoints) {
          await this.deliveries.add(tx, { organizationId, endpointId, eventId, event, body });
        }
      }
      await this.outbox.close(tx, run);
    });
  }

  @Handles(deliverJob)
  deliver(due: Try, run: JobRun): Promise<void> {
    if (!this.slots.take(due.endpointId)) return this.stepAside(deliverJob, due, run);
    return this.tell(due, (work) => this.finish(run, work));
  }

  @Handles(deliverInTurnJob)
  deliverInTurn(due: Try, run: JobRun): Promise<void> {
    if (!this.slots.take(due.endpointId)) return this.stepAside(deliverInTurnJob, due, run);
    return this.tell(due, (work) =>
      this.finish(run, async (tx) => {
        await work(tx);
        await this.recoveries.next(tx, due);
      }),
    );
  }

  @Handles(sweepDeliveriesJob)
  async sweep(): Promise<void> {
    while ((await this.db.tx(systemContext, (tx) => this.deliveries.takeUp(tx, sweptAtOnce))) === sweptAtOnce);
    while ((await this.db.tx(systemContext, (tx) => this.deliveries.sweep(tx, sweptAtOnce))) === sweptAtOnce);
  }

  /**
   * A receiver may hang for days. Once its postponements begin to count as attempts a new job takes the place of this one, and
   * the turn with it.
   */
  private async stepAside(job: JobDefinition<Try>, due: Try, run: JobRun): Promise<void> {
    const waitMs = Math.round((busyMs.least + Math.random() * busyMs.spread) * this.config.RETRY_SCALE);
    if (run.attempt === 1) throw new TryLater('webhook-endpoint.busy', waitMs);
    await this.finish(run, (tx) => this.deliveries.enqueueAnew(tx, job, due, waitMs));
  }

  /** In a slot, which it gives back. */
  private async tell({ deliveryId, endpointId, round }: Try, finish: Finish): Promise<void> {
    try {
      const due = await this.db.tx(systemContext, (tx) => this.deliveries.begin(tx, deliveryId, round));
      if (due === undefined) await finish(() => Promise.resolve());
      else if (due.isOpen) await this.attempt(due, finish);
      else await finish((tx) => this.deliveries.end(tx, due, 'endpoint-disabled'));
    } finally {
      this.slots.release(endpointId);
    }
  }

  private async attempt(due: DueDelivery, finish: Finish): Promise<void> {
    const started = performance.now();
    const answer = await this.send(due);
    const durationMs = Math.round(performance.now() - started);
    const verdict = verdictOf(answer);
    const statusCode = 'statusCode' in answer ? answer.statusCode : null;
    await finish(async (tx) => {
      await this.deliveries.endAttempt(tx, due.attemptId, { ...verdict, statusCode, durationMs });
      await this.settle(tx, { ...due, tries: due.tries + 1 }, verdict);
    });
  }

  private send(due: DueDelivery): Promise<Answer | Unanswered> {
    const { url, body, eventId } = due;
    const now = this.clock.now();
    const secrets = this.secrets.active({ ...due, id: due.endpointId }, now);
    const signed = signatureHeaders({ id: messageIdOf(eventId), sentAt: now, body, secrets });
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'Pharmonico-Webhooks/1',
      ...signed,
    };
    return this.sender.send({ url, headers, body });
  }

  private async settle(tx: Tx, tried: DueDelivery, { failureCode, isGone }: Verdict): Promise<void> {
    const { endpointId, event, tries } = tried;
    if (failureCode === null) {
      await this.deliveries.end(tx, tried, null);
      await this.endpoints.noteSuccess(tx, endpointId);
      return;
    }
    // Somebody waits for the answer to a ping; whether it comes says nothing about days without success.
    const waitMs = isGone || event === pingEvent ? undefined : waitAfter(tries, this.config.RETRY_SCALE);
    if (waitMs === undefined) await this.deliveries.end(tx, tried, failureCode);
    else await this.deliveries.postpone(tx, tried, failureCode, waitMs);
    if (isGone) await this.disable(tx, tried, 'gone');
    else if (event !== pingEvent) {
      const since = await this.endpoints.noteFailure(tx, endpointId);
      if (isGivenUp(since, this.clock.now())) await this.disable(tx, tried, 'failing');
    }
  }

  /** Operations get a ticket and by it a mail; the organization's other endpoints, and who else listens, hear of it. */
  private async disable(tx: Tx, { endpointId, organizationId }: DueDelivery, reason: DisabledReason): Promise<void> {
    if (!(await this.endpoints.disable(tx, endpointId, reason))) return;
    await this.recoveries.hold(tx, endpointId);
    await this.audit.record(tx, {
      action: 'write',
      entity: 'webhook-endpoint',
      entityIds: [endpointId],
      reason: `disable:${reason}`,
      actor: { kind: 'system' },
      organizationId,
    });
    await this.tickets.openSupport(tx, {
      organizationId,
      reason: 'webhook-endpoint.disabled',
      details: { endpointId, why: reason },
    });
    await this.outbox.publish(tx, {
      name: 'webhook_endpoint_disabled',
      aggregateId: endpointId,
      organizationId,
      payload: { endpointId, reason },
    });
  }

  private finish(run: JobRun, work: (tx: Tx) => Promise<void>): Promise<void> {
    return this.db.tx(systemContext, async (tx) => {
      await work(tx);
      await this.outbox.close(tx, run);
    });
  }
}
