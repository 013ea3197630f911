export { deaCheckDigit, deaNameAgrees, isValidDea, parseDea, type DeaNumber, type DeaRegistrant } from './dea.js';
export { isValidNcpdpId } from './ncpdp.js';
export { normalizeNdc, type NdcInvalidReason, type NormalizedNdc } from './ndc.js';
export { isValidNpi, npiCheckDigit } from './npi.js';
export { isE164, nationalPhone, normalizePhone, type NormalizedPhone } from './phone.js';
export {
  isStateCode,
  lookupZip,
  milesBetween,
  milesBetweenZips,
  zip5Of,
  zipAgainstState,
  zipCentroid,
  type Coordinates,
  type ZipCentroid,
  type ZipPlace,
} from './zip.js';
