import {
  isCountedAs,
  isSameUnit,
  isUnitOpen,
  pricedUnitOf,
  quantityUnitOf,
} from '../../directory/quantity-units/index.js';
import { unitFitsForm } from '../dispensing-units.js';
import { finding } from '../findings.js';
import { isBlank, type Rule } from '../subject.js';

/** NCPDP D.0 442-E7 quantity dispensed: 9(7)v999. */
const LARGEST_QUANTITY = 9_999_999.999;
/** No plan pays and no state allows more than a year at once (NCPDP D.0 405-D5). */
const LONGEST_DAYS_SUPPLY = 365;

/** 21 CFR 1311.120(b)(9): of a controlled drug the quantity is signed, and its unit with it unless that was left open. */
const requests = {
  signed: 'please send a new signed order that counts in',
  unsigned: 'please state the quantity in',
};

export const quantityRules: Readonly<Record<string, Rule>> = {
  /** SCRIPT 2017071 Quantity Value; NCPDP D.0 442-E7; VA DRU04. */
  quantityValue: ({ order: { medication } }) => {
    const field = '/medication/quantity';
    const { quantity } = medication;
    if (quantity === undefined) return [finding('quantity.missing', field)];
    if (!(quantity > 0)) return [finding('quantity.not-positive', field)];
    if (quantity <= LARGEST_QUANTITY) return [];
    return [finding('quantity.too-large', field, { words: { quantity: String(quantity) } })];
  },

  /** NCPDP billing units are EA, ML and GM, and so is the unit of the directory's price; 60 "mg" of a tablet is a template error seen in the wild. */
  quantityUnit: ({ order: { medication }, drug, schedule, context }) => {
    const { quantity, quantityUnit, form, description } = medication;
    const field = '/medication/quantityUnit';
    if (isBlank(quantityUnit)) return [];
    const keepsSignature = isUnitOpen(quantityUnit) || (drug && isSameUnit(quantityUnit, drug.unit));
    const request = schedule && !keepsSignature ? requests.signed : requests.unsigned;
    // A vial at a price per vial is a piece; elsewhere nobody knows what is in it.
    const unit =
      drug && isCountedAs(quantityUnit, drug.unit) ? pricedUnitOf(quantityUnit) : quantityUnitOf(quantityUnit);
    if (unit?.word === 'milligram') {
      return [finding('quantity.unit-milligram', field, { words: { quantity: String(quantity ?? ''), request } })];
    }
    if (unit?.billed === undefined) {
      return [finding('quantity.unit-not-billable', field, { words: { unit: quantityUnit, request } })];
    }
    if (drug && !isCountedAs(quantityUnit, drug.unit)) {
      const words = { unit: pricedUnitOf(drug.unit)?.word ?? drug.unit, request };
      const severity = context.isPriced === true ? 'blocks' : 'warns';
      return [finding('quantity.unit-differs-from-directory', field, { words, severity })];
    }
    const statedForm = drug?.form ?? form ?? description ?? '';
    return unitFitsForm(unit.word, statedForm) ? [] : [finding('quantity.unit-differs-from-form', field)];
  },

  /** NCPDP D.0 405-D5: whole days. */
  daysSupply: ({ order: { medication } }) => {
    const field = '/medication/daysSupply';
    const { daysSupply } = medication;
    if (daysSupply === undefined) return [finding('days-supply.missing', field)];
    const sane = Number.isInteger(daysSupply) && daysSupply > 0 && daysSupply <= LONGEST_DAYS_SUPPLY;
    return sane ? [] : [finding('days-supply.out-of-range', field)];
  },
};
