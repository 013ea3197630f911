export {
  isCountedAs,
  pricedUnitOf,
  quantityUnitCode,
  quantityUnitOf,
  type BillingUnit,
  type QuantityUnit,
} from './quantity-units.js';
