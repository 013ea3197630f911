import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { Clock } from '../../platform/clock/index.js';
import { Database, type Tx } from '../../platform/db/index.js';
import { fail as platformFail } from '../../platform/errors/index.js';
import { requestContext } from '../../platform/http/index.js';
import { newId } from '../../platform/ids/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import { urlProblem } from './address.policy.js';
import { bodyOf, pingEvent, type WebhookEventName } from './event-catalog.js';
import { HttpSender } from './gateways/http-sender.js';
import type { WebhookDelivery } from './webhook-delivery.entity.js';
import { WebhookDeliveriesStore } from './webhook-deliveries.store.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { fail } from './webhook-endpoints.errors.js';
import { WebhookEndpointsStore, type EndpointChange } from './webhook-endpoints.store.js';
import { WebhookRecoveriesStore } from './webhook-recoveries.store.js';
import { WebhookSecrets } from './webhook-secrets.js';

export interface EndpointWish {
  url: string;
  description?: string | null | undefined;
  /** Null: every event. */
  events?: readonly WebhookEventName[] | null | undefined;
}

/** Each event is one delivery per endpoint; more are a distributor's work. */
const mostEndpoints = 20;

/** Endpoints of an organization, as its staff and its programs manage them. */
@Injectable()
export class WebhookEndpoints {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly audit: Audit,
    private readonly store: WebhookEndpointsStore,
    private readonly deliveries: WebhookDeliveriesStore,
    private readonly recoveries: WebhookRecoveriesStore,
    private readonly secrets: WebhookSecrets,
    private readonly sender: HttpSender,
  ) {}

  list(principal: Principal): Promise<WebhookEndpoint[]> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const found = await this.store.list(tx, principal.organizationId);
      const entityIds = found.map(({ id }) => id);
      await this.audit.record(tx, { action: 'search', entity: 'webhook-endpoint', entityIds });
      return found;
    });
  }

  /** @throws webhook-endpoint.not-found, as all of the following */
  get(principal: Principal, id: string): Promise<WebhookEndpoint> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const found = await this.found(tx, id);
      await this.audit.record(tx, { action: 'read', entity: 'webhook-endpoint', entityIds: [id] });
      return found;
    });
  }

  /**
   * Once for one Idempotency-Key, also when its stored answer was lost.
   * @returns the secret, this once. @throws webhook-endpoint.url-refused, webhook-endpoint.too-many, idempotency.key-reused
   */
  create(principal: Principal, wish: EndpointWish): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
    this.refuseUrl(wish.url);
    const { organizationId } = principal;
    const askedAs = requestContext()?.idempotencyId;
    return this.db.tx(contextOf(principal), async (tx) => {
      await this.store.lockOrganization(tx, organizationId);
      const earlier = askedAs === undefined ? undefined : await this.store.findAsked(tx, askedAs);
      if (earlier !== undefined) return this.again(tx, earlier, wish);
      if ((await this.store.list(tx, organizationId)).length >= mostEndpoints) throw fail('webhook-endpoint.too-many');
      const id = newId();
      const { secret, sealed } = this.secrets.make(id);
      const { url, description = null, events = null } = wish;
      await this.store.add(tx, {
        id,
        organizationId,
        url,
        description,
        events,
        secretSealed: sealed,
        askedAs,
        createdBy: principal.id,
      });
      await this.store.listen(tx, organizationId);
      return { endpoint: await this.changed(tx, id, 'create'), secret };
    });
  }

  /** @throws webhook-endpoint.url-refused */
  change(principal: Principal, id: string, change: EndpointChange): Promise<WebhookEndpoint> {
    if (change.url !== undefined) this.refuseUrl(change.url);
    return this.db.tx(contextOf(principal), async (tx) => {
      const { organizationId } = await this.found(tx, id, { lock: true });
      await this.store.change(tx, id, change);
      await this.store.listen(tx, organizationId);
      return this.changed(tx, id, 'change');
    });
  }

  /** Deleting twice is deleting once. */
  async remove(principal: Principal, id: string): Promise<void> {
    await this.db.tx(contextOf(principal), async (tx) => {
      const found = await this.store.find(tx, id, { lock: true });
      if (found === undefined || !isSeenBy(tx.context, found)) throw fail('webhook-endpoint.not-found');
      await this.store.remove(tx, id);
      await this.recoveries.forget(tx, id);
      await this.store.listen(tx, found.organizationId);
      await this.noteWrite(tx, id, 'delete');
    });
  }

  /** The former secret signs for another day beside the new one. @returns the new one, this once */
  rotate(principal: Principal, id: string): Promise<{ endpoint: WebhookEndpoint; secret: string }> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const found = await this.found(tx, id, { lock: true });
      const { secret, sealed } = this.secrets.make(id);
      await this.store.rotate(tx, id, { sealed, previous: this.secrets.retire(found) });
      return { endpoint: await this.changed(tx, id, 'rotate-secret'), secret };
    });
  }

  /** Sends nothing of what is held: that is `recover`. */
  enable(principal: Principal, id: string): Promise<WebhookEndpoint> {
    return this.db.tx(contextOf(principal), async (tx) => {
      await this.found(tx, id, { lock: true });
      await this.store.enable(tx, id);
      return this.changed(tx, id, 'enable');
    });
  }

  /**
   * Sends, in the order in which it happened, what is held and what failed for good; what goes out already does not again.
   * @param since only what was to be told from then on; else all that is kept
   * @returns how many go out. @throws webhook-endpoint.disabled
   */
  recover(principal: Principal, id: string, since?: Date): Promise<number> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const { disabledAt } = await this.found(tx, id, { lock: true });
      if (disabledAt !== null) throw fail('webhook-endpoint.disabled');
      const count = await this.recoveries.recover(tx, id, since);
      await this.noteWrite(tx, id, 'recover');
      return count;
    });
  }

  /** A `ping` for this endpoint alone, tried once, also while it is disabled. */
  ping(principal: Principal, id: string): Promise<WebhookDelivery> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const { organizationId } = await this.found(tx, id);
      const body = bodyOf({ event: pingEvent, occurredAt: this.clock.now(), payload: { endpointId: id } });
      const ping = { organizationId, endpointId: id, eventId: newId(), event: pingEvent, body };
      const deliveryId = await this.deliveries.add(tx, ping);
      const delivery = deliveryId === undefined ? undefined : await this.deliveries.find(tx, deliveryId);
      if (delivery === undefined) throw fail('webhook-delivery.not-found');
      await this.noteWrite(tx, id, 'test');
      return delivery;
    });
  }

  private async again(tx: Tx, earlier: WebhookEndpoint, wish: EndpointWish) {
    const [secret] = this.secrets.active(earlier, this.clock.now());
    if (secret === undefined || !isWished(earlier, wish)) throw platformFail('idempotency.key-reused');
    return { endpoint: await this.changed(tx, earlier.id, 'create'), secret };
  }

  private async found(tx: Tx, id: string, options: { lock?: boolean } = {}): Promise<WebhookEndpoint> {
    const found = await this.store.find(tx, id, options);
    if (found === undefined || found.deletedAt !== null || !isSeenBy(tx.context, found)) {
      throw fail('webhook-endpoint.not-found');
    }
    return found;
  }

  private async changed(tx: Tx, id: string, reason: string): Promise<WebhookEndpoint> {
    await this.noteWrite(tx, id, reason);
    return this.found(tx, id);
  }

  private async noteWrite(tx: Tx, id: string, reason: string): Promise<void> {
    await this.audit.record(tx, { action: 'write', entity: 'webhook-endpoint', entityIds: [id], reason });
  }

  private refuseUrl(url: string): void {
    const problem = urlProblem(url, this.sender.rules);
    if (problem !== undefined) throw fail('webhook-endpoint.url-refused', { meta: { problem } });
  }
}

function isWished(endpoint: WebhookEndpoint, { url, description = null, events = null }: EndpointWish): boolean {
  return isDeepStrictEqual([endpoint.url, endpoint.description, endpoint.events], [url, description, events]);
}
