import { Module } from '@nestjs/common';
import { DirectoryModule } from '../directory/index.js';
import { EnrollmentModule } from '../enrollment/index.js';
import { OrdersModule } from '../orders/index.js';
import { PaymentsModule } from '../payments/index.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { ShippingModule } from '../shipping/index.js';
import { WebhooksModule } from '../webhooks/index.js';
import { Composer } from './composer.service.js';
import { InboundTextTaker } from './inbound-text-taker.service.js';
import { InboundTextsController } from './inbound-texts.controller.js';
import { InboundTexts } from './inbound-texts.service.js';
import { InboundTextsStore } from './inbound-texts.store.js';
import { MailGateway } from './gateways/mail.port.js';
import { SmsGateway } from './gateways/sms.port.js';
import { SmtpGateway } from './gateways/smtp.gateway.js';
import { TwilioGateway } from './gateways/twilio.gateway.js';
import { Letters } from './letters.service.js';
import { MessageContents } from './message-contents.js';
import { MessageObstacles } from './message-obstacles.js';
import { NotificationsController } from './notifications.controller.js';
import { Notifications } from './notifications.service.js';
import { NotificationsStore } from './notifications.store.js';
import { NotificationsTimeline } from './notifications.timeline.js';
import { NotificationsWaiting } from './notifications.waiting.js';
import { NotificationsWorker } from './notifications.worker.js';
import { OptOutsStore } from './opt-outs.store.js';
import { PatientLetters } from './patient-letters.service.js';
import { Reminders } from './reminders.service.js';
import { Sender } from './sender.service.js';
import { TextCaps } from './text-caps.service.js';
import { TextsReconciler } from './texts.reconciler.js';
import { TextsWorker } from './texts.worker.js';
import { TicketNotices } from './ticket-notices.service.js';
import { TicketNoticesStore } from './ticket-notices.store.js';
import { TicketNoticesWorker } from './ticket-notices.worker.js';
import { TwilioSource } from './twilio-source.js';
import { TwilioWebhook } from './twilio-webhook.service.js';
import { TwilioWebhooksController } from './twilio-webhooks.controller.js';

/** Tells patients what happens to their orders, and everybody of a ticket what waits for them there. Hears the events of every step; no module knows of it. */
@Module({
  imports: [
    DirectoryModule,
    EnrollmentModule,
    OrdersModule,
    PaymentsModule,
    PrescriptionsModule,
    ShippingModule,
    WebhooksModule,
  ],
  controllers: [InboundTextsController, NotificationsController, TwilioWebhooksController],
  providers: [
    { provide: MailGateway, useClass: SmtpGateway },
    { provide: SmsGateway, useClass: TwilioGateway },
    Composer,
    Letters,
    InboundTextTaker,
    InboundTexts,
    InboundTextsStore,
    MessageContents,
    MessageObstacles,
    Notifications,
    NotificationsStore,
    NotificationsTimeline,
    NotificationsWaiting,
    NotificationsWorker,
    OptOutsStore,
    PatientLetters,
    Reminders,
    Sender,
    TextCaps,
    TextsReconciler,
    TextsWorker,
    TicketNotices,
    TicketNoticesStore,
    TicketNoticesWorker,
    TwilioSource,
    TwilioWebhook,
  ],
})
export class NotificationsModule {}
