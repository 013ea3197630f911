export { anchorFileOf, type AnchorFile } from './anchor-file.js';
export { accessActions, findAccess, type AccessAction, type AccessRow } from './access.store.js';
export { chainedColumns } from './audit-chain.js';
export { AuditEntry, type AuditAction } from './audit-entry.entity.js';
export { AuditModule } from './audit.module.js';
export { Audit, type AuditRecord } from './audit.service.js';
export { Sealer } from './sealer.service.js';
export { lateAfterMs, Verifier, type BadEntry, type Fault, type Verification } from './verifier.service.js';
export { VerifierStore } from './verifier.store.js';
