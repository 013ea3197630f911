export { probeClaimSwitch } from './gateways/claim-switch.probe.js';
export { AdjudicationModule } from './adjudication.module.js';
export { ClaimCorrection } from './claim-correction.entity.js';
export { ClaimRecord } from './claim.entity.js';
export { Coupon } from './coupon.entity.js';
export type { Claim, ClaimReversal } from './gateways/claim-switch.port.js';
export { PriorAuthorization } from './prior-authorization.entity.js';
