export {
  isCountedAs,
  quantityUnitCode,
  quantityUnitOf,
  type BillingUnit,
  type QuantityUnit,
} from './quantity-units.js';
