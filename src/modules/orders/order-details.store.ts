import { Injectable } from '@nestjs/common';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { isStateCode } from '../directory/index.js';
import { addressKinds, type Address, type AddressKind, type OrderPart } from './wire/parts.js';

export type KeptAddress = Address & { kind: AddressKind };

export const addressPlace = (id: string) => ({ table: 'order_addresses', column: 'address_sealed', row: id });

const itemColumns = [
  'product_id',
  'sku',
  'name',
  'drug_name',
  'quantity',
  'list_price_cents',
  'price_cents',
  'discount_cents',
  'reduction_hundredths',
  'reduction_type',
  'discount_reference',
  'is_subscription',
];
const writeItem = `INSERT INTO order_line_items AS i (id, organization_id, order_id, position, ${itemColumns.join(', ')})
  SELECT $1, organization_id, id, $3, ${itemColumns.map((_, index) => `$${index + 4}`).join(', ')} FROM orders WHERE id = $2
  ON CONFLICT ON CONSTRAINT order_line_items_position
  DO UPDATE SET ${itemColumns.map((column) => `${column} = excluded.${column}`).join(', ')}
  WHERE (${itemColumns.map((column) => `i.${column}`).join(', ')})
    IS DISTINCT FROM (${itemColumns.map((column) => `excluded.${column}`).join(', ')})`;

/** What an order consists of. Rows that say what they said before stay as they are, so a replay changes nothing. */
@Injectable()
export class OrderDetailsStore {
  constructor(private readonly keyring: Keyring) {}

  async write(tx: Tx, orderId: string, order: OrderPart): Promise<void> {
    const { lineItems = [] } = order;
    await tx.send('DELETE FROM order_line_items WHERE order_id = $1 AND position >= $2', [orderId, lineItems.length]);
    for (const [position, item] of lineItems.entries()) {
      await tx.send(writeItem, [
        newId(),
        orderId,
        position,
        item.productId ?? null,
        item.sku ?? null,
        item.name ?? null,
        item.drugName ?? null,
        item.quantity,
        item.listPriceCents ?? null,
        item.priceCents ?? null,
        item.discountCents ?? null,
        item.reductionHundredths ?? null,
        item.reductionType ?? null,
        item.discountReference ?? null,
        item.isSubscription,
      ]);
    }
    await this.writeAddresses(tx, orderId, order);
  }

  /** Shipping before billing. */
  async addresses(tx: Tx, orderId: string): Promise<KeptAddress[]> {
    const rows = await tx.query<{ id: string; kind: AddressKind; sealed: Buffer }>(
      'SELECT id, kind, address_sealed AS sealed FROM order_addresses WHERE order_id = $1 ORDER BY kind DESC',
      [orderId],
    );
    return rows.map(({ id, kind, sealed }) => ({
      kind,
      ...(JSON.parse(this.keyring.openText(addressPlace(id), sealed)) as Address),
    }));
  }

  private async writeAddresses(tx: Tx, orderId: string, order: OrderPart): Promise<void> {
    const known = await this.addresses(tx, orderId);
    for (const kind of addressKinds) {
      const address = order[kind];
      const before = known.find((one) => one.kind === kind);
      if (JSON.stringify(address && { kind, ...address }) === JSON.stringify(before)) continue;
      await tx.send('DELETE FROM order_addresses WHERE order_id = $1 AND kind = $2', [orderId, kind]);
      if (address !== undefined) await this.addAddress(tx, orderId, kind, address);
    }
  }

  private async addAddress(tx: Tx, orderId: string, kind: AddressKind, address: Address): Promise<void> {
    const id = newId();
    const state = address.state?.toUpperCase() ?? '';
    await tx.send(
      `INSERT INTO order_addresses (id, organization_id, order_id, kind, state, address_sealed)
       SELECT $1, organization_id, id, $3, $4, $5 FROM orders WHERE id = $2`,
      [
        id,
        orderId,
        kind,
        isStateCode(state) ? state : null,
        this.keyring.seal(addressPlace(id), JSON.stringify(address)),
      ],
    );
  }
}
