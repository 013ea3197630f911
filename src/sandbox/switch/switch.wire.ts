import { z } from 'zod';

/** The JSON rendering of an NCPDP D.0 transaction; D.0 field ids stand beside what is not self-evident. */
const day = z.string().regex(/^\d{8}$/);
const cents = z.int().min(0).max(99_999_999);
const count = z.int().min(0);

const header = z.object({
  bin: z.string().regex(/^\d{6}$/),
  version: z.literal('D0'),
  pcn: z.string().max(10),
  serviceProviderIdQualifier: z.literal('01'),
  serviceProviderId: z.string().min(1).max(15),
  dateOfService: day,
});

const otherPayer = z.object({
  coverageType: z.string(),
  idQualifier: z.string(),
  id: z.string(),
  date: z.string().optional(),
  paid: z.array(z.object({ qualifier: z.string(), amountCents: cents })).default([]),
  rejects: z.array(z.string()).default([]),
  patientResponsibility: z.array(z.object({ qualifier: z.string(), amountCents: cents })).default([]),
});

export const billing = z.object({
  header: header.extend({ transactionCode: z.literal('B1') }),
  insurance: z.object({
    cardholderId: z.string(),
    groupId: z.string().optional(),
    personCode: z.string().optional(),
    relationshipCode: z.string(),
    firstName: z.string().optional(), // 312-CC and 313-CD are situational
    lastName: z.string().optional(),
  }),
  patient: z.object({
    dateOfBirth: day,
    genderCode: z.enum(['0', '1', '2']),
    firstName: z.string(),
    lastName: z.string(),
  }),
  claim: z.object({
    prescriptionReferenceNumber: z.string().min(1),
    productIdQualifier: z.literal('03'),
    ndc: z.string(),
    quantityDispensed: z.string().regex(/^\d{1,7}(\.\d{1,3})?$/),
    fillNumber: count.max(99),
    daysSupply: count.max(999),
    dawCode: z.string().regex(/^\d$/),
    dateWritten: day,
    otherCoverageCode: z.enum(['0', '1', '2', '3', '4', '8']),
    priorAuthNumber: z.string().optional(),
    unitOfMeasure: z.enum(['EA', 'ML', 'GM']),
    durResponses: z
      .array(z.object({ counter: z.int().min(1).max(9), reason: z.string(), service: z.string(), result: z.string() }))
      .max(9)
      .default([]),
  }),
  pricing: z.object({
    ingredientCostCents: cents,
    dispensingFeeCents: cents,
    usualAndCustomaryCents: cents,
    grossAmountDueCents: cents,
  }),
  prescriber: z.object({ id: z.string() }),
  cob: z.object({ otherPayers: z.array(otherPayer).max(9) }).optional(),
});
export type Billing = z.infer<typeof billing>;
export type DurResponse = Billing['claim']['durResponses'][number];

const paidClaimNumber = z.string().optional();
export const reversal = z.object({
  header: header.extend({ transactionCode: z.literal('B2') }),
  insurance: z.object({ cardholderId: z.string() }),
  claim: z.object({
    prescriptionReferenceNumber: z.string().min(1),
    ndc: z.string(),
    fillNumber: count.max(99),
    authorizationNumber: paidClaimNumber,
  }),
  authorizationNumber: paidClaimNumber,
});
export type Reversal = z.infer<typeof reversal>;

export type Transaction = Billing | Reversal;

export interface Pricing {
  /** F5 */
  patientPayCents: number;
  /** F6 */
  ingredientPaidCents: number;
  /** F7 */
  dispensingFeePaidCents: number;
  taxCents: number;
  incentiveCents: number;
  /** J5 */
  otherPayerRecognizedCents: number;
  /** F9 */
  totalPaidCents: number;
  /** FH */
  deductibleCents: number;
  /** FI */
  copayCents: number;
  /** 4U */
  coinsuranceCents: number;
  /** FC */
  accumulatedDeductibleCents: number;
  /** FD */
  remainingDeductibleCents: number;
  /** FM */
  basisOfReimbursement: string;
}

export interface DurAlert {
  reasonCode: string;
  significance: string;
  previousFillDate?: string;
  previousQuantity?: string;
  text: string;
}

export interface Answer {
  header: {
    version: 'D0';
    transactionCode: 'B1' | 'B2';
    headerStatus: 'A' | 'R';
    serviceProviderId: string;
    dateOfService: string;
  };
  status: {
    code: 'P' | 'D' | 'A' | 'R';
    authorizationNumber?: string;
    rejectCodes: string[];
    messages: string[];
    helpDeskPhone?: string;
  };
  pricing?: Pricing;
  dur?: DurAlert[];
}
