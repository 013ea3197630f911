import type { z } from 'zod';
import { alphanumeric } from '../core/ids.js';
import type { World } from '../core/world.js';
import { invalid, noSuch } from './stripe.errors.js';
import { nowSeconds, type LineItem, type Metadata } from './stripe.objects.js';
import type * as params from './stripe.params.js';

interface Price {
  id: string;
  object: 'price';
  active: true;
  created: number;
  currency: string;
  livemode: false;
  metadata: Metadata;
  nickname: string;
  type: 'one_time';
  unit_amount: number;
}

type LineItemInput = z.infer<typeof params.createPaymentLink>['line_items'][number];

export interface PaymentLink {
  id: string;
  object: 'payment_link';
  active: boolean;
  livemode: false;
  metadata: Metadata;
  url: string;
}

/** Prices and payment links: a link is a template that opens a fresh session for every visitor. */
export class StripePrices {
  private readonly prices = new Map<string, Price>();
  private readonly links = new Map<string, { link: PaymentLink; items: LineItemInput[] }>();

  constructor(private readonly world: World) {}

  reset(): void {
    this.prices.clear();
    this.links.clear();
  }

  createPrice(input: z.infer<typeof params.createPrice>): Price {
    const price: Price = {
      id: `price_${alphanumeric(24)}`,
      object: 'price',
      active: true,
      created: nowSeconds(),
      currency: input.currency,
      livemode: false,
      metadata: input.metadata,
      nickname: input.product_data?.name ?? 'Item',
      type: 'one_time',
      unit_amount: input.unit_amount,
    };
    this.prices.set(price.id, price);
    return price;
  }

  createLink(input: z.infer<typeof params.createPaymentLink>): PaymentLink {
    this.lineItems(input.line_items);
    const id = `plink_${alphanumeric(24)}`;
    const url = `${this.world.settings.url}/pay/${id}`;
    const link: PaymentLink = {
      id,
      object: 'payment_link',
      active: true,
      livemode: false,
      metadata: input.metadata,
      url,
    };
    this.links.set(id, { link, items: input.line_items });
    return link;
  }

  link(id: string): { link: PaymentLink; items: LineItemInput[] } {
    const found = this.links.get(id);
    if (!found) throw noSuch('payment_link', id);
    return found;
  }

  lineItems(inputs: LineItemInput[]): LineItem[] {
    const items = inputs.map((input) => this.lineItem(input));
    if (new Set(items.map((item) => item.currency)).size > 1) throw invalid('All line items must use one currency.');
    return items;
  }

  private lineItem(input: LineItemInput): LineItem {
    const price = input.price === undefined ? undefined : this.prices.get(input.price);
    if (input.price !== undefined && !price) throw noSuch('price', input.price);
    const unit = price ?? input.price_data;
    if (!unit) throw invalid('One of `price` or `price_data` is required.', { param: 'line_items[0][price]' });
    const amount = unit.unit_amount * input.quantity;
    return {
      id: `li_${alphanumeric(24)}`,
      object: 'item',
      amount_subtotal: amount,
      amount_total: amount,
      currency: unit.currency,
      description: price?.nickname ?? input.price_data?.product_data?.name ?? 'Item',
      quantity: input.quantity,
    };
  }
}
