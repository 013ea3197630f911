import { z } from 'zod';

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const measure = z.union([z.string(), z.number()]).transform(String);

export const addressInput = z.object({
  name: text,
  company: text,
  street1: text,
  street2: text,
  street3: text,
  street_no: text,
  city: text,
  state: text,
  zip: text,
  country: z.string().min(1),
  phone: text,
  email: text,
  is_residential: z
    .boolean()
    .nullish()
    .transform((value) => value ?? undefined),
  metadata: text,
  validate: z.boolean().optional(),
});
export type AddressInput = z.infer<typeof addressInput>;

export const parcelInput = z.object({
  mass_unit: z.enum(['g', 'kg', 'lb', 'oz']),
  weight: measure,
  distance_unit: z.enum(['cm', 'in', 'ft', 'm', 'mm', 'yd']),
  height: measure,
  length: measure,
  width: measure,
  metadata: text,
});

export const shipmentInput = z.object({
  address_from: z.union([addressInput, z.string()]),
  address_to: z.union([addressInput, z.string()]),
  address_return: z.union([addressInput, z.string()]).optional(),
  parcels: z.union([z.array(parcelInput).min(1), parcelInput.transform((parcel) => [parcel])]),
  extra: z.looseObject({ signature_confirmation: z.string().optional() }).optional(),
  metadata: text,
  shipment_date: text,
  carrier_accounts: z.array(z.string()).optional(),
});

export const labelTypes = [
  'PDF',
  'PDF_4x6',
  'PDF_4x8',
  'PDF_A4',
  'PDF_A5',
  'PDF_A6',
  'PDF_2.3x7.5',
  'PNG',
  'PNG_2.3x7.5',
] as const;
const labelType = z.enum(labelTypes).default('PDF_4x6');

export const transactionInput = z.union([
  z.object({ rate: z.string(), label_file_type: labelType, metadata: text, async: z.boolean().default(true) }),
  z.object({
    shipment: shipmentInput,
    servicelevel_token: z.string(),
    carrier_account: z.string(),
    label_file_type: labelType,
    metadata: text,
    async: z.boolean().default(true),
  }),
]);

export const refundInput = z.object({ transaction: z.string(), async: z.boolean().optional() });
export const trackInput = z.object({ carrier: z.string().min(1), tracking_number: z.string().min(1), metadata: text });

export const trackStatuses = ['UNKNOWN', 'PRE_TRANSIT', 'TRANSIT', 'DELIVERED', 'RETURNED', 'FAILURE'] as const;
export type TrackStatus = (typeof trackStatuses)[number];
export const advanceInput = z.strictObject({
  status: z.enum(trackStatuses),
  substatus: z.string().optional(),
  /** For late reports: when the carrier says it happened. */
  statusDate: z.iso.datetime({ offset: true }).optional(),
});

export const pageQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  results: z.coerce.number().int().min(1).max(200).default(25),
});
