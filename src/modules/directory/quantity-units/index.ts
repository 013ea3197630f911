export {
  isCountedAs,
  isUnitOpen,
  pricedUnitOf,
  quantityUnitCode,
  quantityUnitOf,
  type BillingUnit,
  type QuantityUnit,
} from './quantity-units.js';
