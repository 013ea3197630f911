import { quantityUnitCode } from '../directory/quantity-units/index.js';
import type { Facts } from '../prescriptions/index.js';
import { isCalendarDate } from '../prescriptions/order/index.js';
import { isBlank, type Subject } from './subject.js';

/** Largest values of the columns: numeric(12,3) and integer. Validation blocks what is beyond; the row cannot hold it. */
const QUANTITY_LIMIT = 1e9;
const INTEGER_LIMIT = 2 ** 31;

/** What later steps read from the prescription's row, as far as the order says it in a form the row can hold. */
export function factsAbout(subject: Subject, parties: Pick<Facts, 'patientId' | 'providerId'>): Facts {
  const { order, schedule } = subject;
  const { quantity, quantityUnit, daysSupply, refills, description, earliestFillDate } = order.medication;
  return {
    ...parties,
    // Null as well: what an order can do without, a correction may take back.
    schedule: schedule ?? null,
    ndc: ndc11Of(subject) ?? null,
    quantityUnit: isBlank(quantityUnit) ? null : quantityUnitCode(quantityUnit),
    earliestFillDate: !isBlank(earliestFillDate) && isCalendarDate(earliestFillDate) ? earliestFillDate : null,
    ...(isBetween(quantity, QUANTITY_LIMIT) && { quantity }),
    ...(isBetween(daysSupply, INTEGER_LIMIT) && Number.isInteger(daysSupply) && { daysSupply }),
    ...(isBetween(refills, INTEGER_LIMIT) && Number.isInteger(refills) && { refills }),
    ...(!isBlank(order.writtenDate) && isCalendarDate(order.writtenDate) && { writtenDate: order.writtenDate }),
    ...(!isBlank(description) && { drugDescription: description }),
  };
}

/** The directory resolves ten bare digits; an NDC that is written out needs no directory. */
function ndc11Of({ drug, ndc }: Subject): string | undefined {
  return drug?.ndc11 ?? (ndc?.kind === 'ok' ? ndc.ndc11 : undefined);
}

function isBetween(value: number | undefined, limit: number): value is number {
  return value !== undefined && value >= 0 && value < limit;
}
