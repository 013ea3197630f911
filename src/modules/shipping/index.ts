export { probeLifefile } from './gateways/lifefile.probe.js';
export { probeShippo } from './gateways/shippo.probe.js';
export { PartnerOrder } from './partner-order.entity.js';
export { Shipment } from './shipment.entity.js';
export { ShippingModule } from './shipping.module.js';
export { TrackingEvent } from './tracking-event.entity.js';
export { TrackingLink } from './tracking-link.entity.js';
export { TrackingLinks } from './tracking-links.js';
export type { TrackingReport } from './tracking.policy.js';
