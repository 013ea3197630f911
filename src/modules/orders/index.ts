export { Customer, CustomerContact, CustomerReview } from './customer.entity.js';
export { ExternalPrescription, ExternalPrescriptionReport } from './external-prescription.entity.js';
export { Order, OrderAddress, OrderEvent, OrderLineItem, OrderReport } from './order.entity.js';
export { OrdersModule } from './orders.module.js';
export { Subscription, SubscriptionEvent } from './subscription.entity.js';
export { Subscriptions } from './subscriptions.service.js';
