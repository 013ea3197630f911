export {
  isCountedAs,
  isSameUnit,
  isUnitOpen,
  pricedUnitOf,
  quantityUnitCode,
  quantityUnitOf,
  type BillingUnit,
  type QuantityUnit,
} from './quantity-units.js';
