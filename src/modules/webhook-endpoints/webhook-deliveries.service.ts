import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/db/index.js';
import { pageOf, type Page } from '../../platform/http/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import type { WebhookDelivery } from './webhook-delivery.entity.js';
import type { WebhookDeliveryAttempt } from './webhook-delivery-attempt.entity.js';
import { WebhookDeliveriesStore, type DeliveryFilter } from './webhook-deliveries.store.js';
import { fail } from './webhook-endpoints.errors.js';
import { WebhookEndpointsStore } from './webhook-endpoints.store.js';

export interface ShownDelivery {
  delivery: WebhookDelivery;
  attempts: readonly WebhookDeliveryAttempt[];
}

/** What an endpoint was told, try by try, and telling it again. */
@Injectable()
export class WebhookDeliveries {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly endpoints: WebhookEndpointsStore,
    private readonly store: WebhookDeliveriesStore,
  ) {}

  /** Newest first. @throws webhook-endpoint.not-found */
  list(principal: Principal, filter: DeliveryFilter): Promise<Page<ShownDelivery & { id: string }>> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const endpoint = await this.endpoints.find(tx, filter.endpointId);
      if (endpoint === undefined || endpoint.deletedAt !== null || !isSeenBy(tx.context, endpoint)) {
        throw fail('webhook-endpoint.not-found');
      }
      const { items, nextCursor } = pageOf(
        await this.store.list(tx, { ...filter, limit: filter.limit + 1 }),
        filter.limit,
      );
      await this.audit.record(tx, {
        action: 'search',
        entity: 'webhook-delivery',
        entityIds: items.map(({ id }) => id),
      });
      return { items: await this.shown(tx, items), nextCursor };
    });
  }

  /**
   * The same message once more, with all its tries; its `webhook-id` stays.
   * @throws webhook-delivery.not-found, webhook-delivery.under-way, webhook-endpoint.disabled
   */
  resend(principal: Principal, id: string): Promise<ShownDelivery> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const delivery = await this.store.find(tx, id, { lock: true });
      if (delivery === undefined || !isSeenBy(tx.context, delivery)) throw fail('webhook-delivery.not-found');
      const endpoint = await this.endpoints.find(tx, delivery.endpointId);
      if (endpoint === undefined || endpoint.deletedAt !== null) throw fail('webhook-delivery.not-found');
      if (delivery.status === 'pending') throw fail('webhook-delivery.under-way');
      if (endpoint.disabledAt !== null) throw fail('webhook-endpoint.disabled');
      await this.store.reopen(tx, delivery);
      await this.audit.record(tx, { action: 'write', entity: 'webhook-delivery', entityIds: [id], reason: 'resend' });
      const [shown] = await this.shown(tx, [(await this.store.find(tx, id)) ?? delivery]);
      if (shown === undefined) throw fail('webhook-delivery.not-found');
      return shown;
    });
  }

  private async shown(tx: Tx, deliveries: readonly WebhookDelivery[]): Promise<(ShownDelivery & { id: string })[]> {
    const attempts = await this.store.attemptsOf(
      tx,
      deliveries.map(({ id }) => id),
    );
    return deliveries.map((delivery) => ({
      id: delivery.id,
      delivery,
      attempts: attempts.filter(({ deliveryId }) => deliveryId === delivery.id),
    }));
  }
}
