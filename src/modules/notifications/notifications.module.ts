import { Module } from '@nestjs/common';
import { DirectoryModule } from '../directory/index.js';
import { EnrollmentModule } from '../enrollment/index.js';
import { PaymentsModule } from '../payments/index.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { ShippingModule } from '../shipping/index.js';
import { WebhooksModule } from '../webhooks/index.js';
import { Composer } from './composer.service.js';
import { MailGateway } from './gateways/mail.port.js';
import { SmsGateway } from './gateways/sms.port.js';
import { SmtpGateway } from './gateways/smtp.gateway.js';
import { TwilioGateway } from './gateways/twilio.gateway.js';
import { MessageContents } from './message-contents.js';
import { NotificationsController } from './notifications.controller.js';
import { Notifications } from './notifications.service.js';
import { NotificationsStore } from './notifications.store.js';
import { NotificationsTimeline } from './notifications.timeline.js';
import { NotificationsWorker } from './notifications.worker.js';
import { OptOutsStore } from './opt-outs.store.js';
import { Sender } from './sender.service.js';
import { TwilioSource } from './twilio-source.js';
import { TwilioWebhook } from './twilio-webhook.service.js';
import { TwilioWebhooksController } from './twilio-webhooks.controller.js';

/** Tells patients what happens to their orders. Hears the events of every step; no module knows of it. */
@Module({
  imports: [DirectoryModule, EnrollmentModule, PaymentsModule, PrescriptionsModule, ShippingModule, WebhooksModule],
  controllers: [NotificationsController, TwilioWebhooksController],
  providers: [
    { provide: MailGateway, useClass: SmtpGateway },
    { provide: SmsGateway, useClass: TwilioGateway },
    Composer,
    MessageContents,
    Notifications,
    NotificationsStore,
    NotificationsTimeline,
    NotificationsWorker,
    OptOutsStore,
    Sender,
    TwilioSource,
    TwilioWebhook,
  ],
})
export class NotificationsModule {}
