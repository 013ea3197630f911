import { z } from 'zod';
import { isHostDown } from '../disposition.policy.js';
import type { Claim, ClaimAnswer, ClaimReversal, ReversalAnswer } from './claim-switch.port.js';

/** NCPDP D.0 as the switch renders it in JSON. Dates lose their hyphens, amounts are integer cents. */

const wireDate = (date: string) => date.replaceAll('-', '');

export function billingOf(claim: Claim): object {
  const { cardholder, patient, fill, pricing, prescriber, otherPayers } = claim;
  return {
    header: headerOf(claim, 'B1'),
    insurance: {
      cardholderId: cardholder.id,
      groupId: cardholder.groupId,
      personCode: cardholder.personCode,
      relationshipCode: cardholder.relationship,
      firstName: cardholder.firstName,
      lastName: cardholder.lastName,
    },
    patient: {
      dateOfBirth: wireDate(patient.birthDate),
      genderCode: patient.genderCode,
      firstName: patient.firstName,
      lastName: patient.lastName,
      street: patient.street,
      city: patient.city,
      state: patient.state,
      zip: patient.zip,
      phone: patient.phone,
      residence: '1', // 384-4X: home
    },
    claim: {
      prescriptionReferenceNumber: fill.rxNumber,
      productIdQualifier: '03', // 436-E1: NDC
      ndc: fill.ndc,
      quantityDispensed: fill.quantity,
      fillNumber: fill.fillNumber,
      daysSupply: fill.daysSupply,
      compoundCode: '1', // 406-D6: not a compound
      dawCode: fill.dawCode,
      dateWritten: wireDate(fill.dateWritten),
      refillsAuthorized: fill.refillsAuthorized,
      originCode: '3', // 419-DJ: electronic
      otherCoverageCode: fill.otherCoverageCode,
      unitOfMeasure: fill.unit,
      durResponses: fill.durResponses?.map((response, at) => ({ counter: at + 1, ...response })), // 473-7E
      ...(fill.priorAuthNumber !== undefined && { priorAuthTypeCode: '1', priorAuthNumber: fill.priorAuthNumber }),
    },
    pricing: { ...pricing, basisOfCost: '01' }, // 423-DN: average wholesale price
    prescriber: {
      idQualifier: '01',
      id: prescriber.npi,
      lastName: prescriber.lastName,
      firstName: prescriber.firstName,
    },
    ...(otherPayers.length > 0 && {
      cob: {
        otherPayers: otherPayers.map((payer) => ({
          coverageType: '01',
          idQualifier: '03', // 339-6C: BIN
          id: payer.bin,
          date: wireDate(payer.date),
          paid: [{ qualifier: '08', amountCents: payer.paidCents }],
          rejects: [],
          patientResponsibility: [{ qualifier: '06', amountCents: payer.patientResponsibilityCents }],
        })),
      },
    }),
  };
}

export function reversalOf(reversal: ClaimReversal): object {
  const { rxNumber, ndc, fillNumber, authorizationNumber } = reversal;
  return {
    header: headerOf(reversal, 'B2'),
    insurance: { cardholderId: reversal.cardholderId },
    claim: { prescriptionReferenceNumber: rxNumber, ndc, fillNumber },
    authorizationNumber,
  };
}

function headerOf(claim: Claim | ClaimReversal, transactionCode: 'B1' | 'B2'): object {
  return {
    bin: claim.payer.bin,
    version: 'D0',
    transactionCode,
    pcn: claim.payer.pcn,
    serviceProviderIdQualifier: '01', // 202-B2: NPI
    serviceProviderId: claim.pharmacyNpi,
    dateOfService: wireDate(claim.dateOfService),
  };
}

const cents = z.int();
/** What only explains an answer must not make it unreadable. */
const said = z.string().max(2_000).optional().catch(undefined);
/** Kept unsealed, so it must be what it is called. */
const phone = z
  .string()
  .regex(/^\+?[\d ().-]{7,20}(?: ?x\d{1,6})?$/i)
  .optional()
  .catch(undefined);

const answerSchema = z.object({
  status: z.object({
    code: z.string().max(10),
    authorizationNumber: z.string().max(40).optional(),
    rejectCodes: z.array(z.string().max(10)).max(40).default([]),
    messages: z.array(z.string().max(2_000)).max(40).default([]),
    helpDeskPhone: phone,
  }),
  pricing: z
    .object({
      patientPayCents: cents,
      totalPaidCents: cents,
      deductibleCents: cents.default(0),
      copayCents: cents.default(0),
      coinsuranceCents: cents.default(0),
    })
    .optional(),
  dur: z
    .array(
      z.object({
        reasonCode: z.string().max(10),
        significance: z
          .string()
          .regex(/^[0-9A-Z]{1,2}$/i)
          .optional()
          .catch(undefined),
        previousFillDate: said,
        previousQuantity: said,
        text: said,
      }),
    )
    .optional(),
});

/** @returns undefined when this is no answer of a switch */
export function answerFrom(body: unknown): ClaimAnswer | undefined {
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { status, pricing, dur } = parsed.data;
  return {
    status: status.code,
    ...(status.authorizationNumber !== undefined && { authorizationNumber: status.authorizationNumber }),
    rejectCodes: status.rejectCodes,
    messages: status.messages,
    ...(status.helpDeskPhone !== undefined && { helpDeskPhone: status.helpDeskPhone }),
    durAlerts: (dur ?? []).map(({ reasonCode, ...alert }) => ({ reason: reasonCode, ...alert })),
    ...(pricing !== undefined && {
      amounts: {
        patientPayCents: pricing.patientPayCents,
        planPayCents: pricing.totalPaidCents,
        deductibleCents: pricing.deductibleCents,
        copayCents: pricing.copayCents,
        coinsuranceCents: pricing.coinsuranceCents,
      },
    }),
  };
}

/** 112-AN of a B2: A approved, S repeat of an approved one, R rejected. Any other word says neither yes nor no. */
const outcomeOfStatus: ReadonlyMap<string, ReversalAnswer['outcome']> = new Map([
  ['A', 'reversed'],
  ['S', 'reversed'],
  ['R', 'refused'],
]);
/** 84 claim was not paid or captured, 87 reversal not processed: the payer has no such paid claim (any more). */
const nothingThere: ReadonlySet<string> = new Set(['84', '87']);

export function reversalAnswerFrom({ status, rejectCodes }: ClaimAnswer): ReversalAnswer {
  if (rejectCodes.length === 0) return { outcome: outcomeOfStatus.get(status) ?? 'unknown', rejectCodes };
  if (isHostDown(rejectCodes)) return { outcome: 'host-down', rejectCodes };
  const isGone = rejectCodes.some((code) => nothingThere.has(code));
  return { outcome: isGone ? 'nothing-to-reverse' : 'refused', rejectCodes };
}
