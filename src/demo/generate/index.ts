export { defectNames, type DefectName } from './defects.js';
export {
  encode,
  generate,
  generatedFormats,
  receiver,
  type GeneratedFormat,
  type GeneratedPrescription,
  type GenerateOptions,
} from './generate.js';
export { addDays, sendingDay, validOrder, type OrderContext } from './order.js';
export { aPrescriber } from './people.js';
export { Random } from './random.js';
export { usStates, type UsState } from './places.js';
