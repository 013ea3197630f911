import { z } from 'zod';
import { amount, contactText, freeText, instant, named, text } from './fields.js';
import { reductionTypes } from './parts.js';

/** Strict in structure, soft in contact data; members nobody documented are let in and left alone, vendors add some. */
export const person = z.object({
  _id: contactText,
  id: contactText,
  email: contactText,
  phone: contactText,
  firstName: contactText,
  lastName: contactText,
});

export const address = z.object({
  firstName: contactText,
  lastName: contactText,
  address1: contactText,
  address2: contactText,
  city: contactText,
  provinceCode: contactText,
  state: contactText,
  postalCode: contactText,
  zip: contactText,
  countryCode: contactText,
  country: contactText,
  phone: contactText,
});

const reductionType = z
  .string()
  .transform((word) => word.trim().toLowerCase())
  .pipe(z.enum(reductionTypes))
  .nullish();

export const lineItem = z.object({
  productId: text(),
  id: text(),
  sku: text(),
  name: text(300),
  drugName: text(300),
  quantity: z.coerce.number().int().min(0).max(10_000).nullish(),
  price: amount,
  listPrice: amount,
  isSubscription: z.boolean().nullish(),
  discount: z.object({ amount, reductionAmount: amount, reductionType, referenceId: text(), name: text() }).nullish(),
});

const tracking = z.object({
  trackingNumber: text(64),
  number: text(64),
  carrier: text(60),
  trackingCompany: text(60),
  trackingUrl: text(500),
  url: text(500),
  estimatedDelivery: text(40),
});

const common = {
  _id: text(),
  id: text(),
  source: text(),
  coupon: named,
  totalAmount: amount,
  createdAt: instant,
  updatedAt: instant,
  timestamp: instant,
  customer: person.nullish(),
};

const statusEntry = z.object({
  status: text(60),
  newStatus: text(60),
  at: instant,
  date: instant,
  timestamp: instant,
  changedAt: instant,
  occurredAt: instant,
  statusDate: instant,
  createdAt: instant,
  updatedAt: instant,
});

export const orderBody = z.object({
  ...common,
  ...tracking.pick({ trackingNumber: true, carrier: true, trackingCompany: true, trackingUrl: true }).shape,
  orderId: text(),
  currency: text(3),
  baseAmount: amount,
  discountAmount: amount,
  creditUsedAmount: amount,
  reductionType,
  ...statusEntry.pick({ status: true, newStatus: true, changedAt: true, occurredAt: true, statusDate: true }).shape,
  statusUpdatedAt: instant,
  statusHistory: z.array(statusEntry).max(200).nullish(),
  lineItems: z.array(lineItem).max(201).nullish(),
  shippingAddress: address.nullish(),
  billingAddress: address.nullish(),
  tracking: tracking.nullish(),
});

export const subscriptionBody = z.object({
  ...common,
  subscriptionId: text(),
  productName: text(300),
  name: text(300),
  product: named,
  reason: freeText(300),
  cancelReason: freeText(300),
  cancellationReason: freeText(300),
  pauseReason: freeText(300),
  cancelledAt: instant,
  canceledAt: instant,
  pausedAt: instant,
});

export const prescriptionBody = z.object({
  ...common,
  prescriptionId: text(),
  orderId: text(),
  order: z.union([text(), z.object({ _id: text(), id: text() })]).nullish(),
  drugName: text(300),
  medicationName: text(300),
  medication: named,
  quantity: text(40),
  status: text(60),
  prescribedAt: instant,
});
