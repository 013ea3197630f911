export { isBlocked, type Finding, type FindingCode } from './findings.js';
export { findingCodes } from './finding-codes.js';
export { type DirectoryDrug, type PriorPrescription, type ValidationContext } from './validation-context.js';
export { validationSettings, type ValidationSettings } from './validation-settings.js';
export { ValidationModule } from './validation.module.js';
export { Validation } from './validation.service.js';
