import { Module, type DynamicModule } from '@nestjs/common';
import { AdjudicationModule } from './modules/adjudication/index.js';
import { AuditModule } from './modules/audit/index.js';
import { AuthModule } from './modules/auth/index.js';
import { CancellationModule } from './modules/cancellation/index.js';
import { DeskModule } from './modules/desk/index.js';
import { DirectoryModule } from './modules/directory/index.js';
import { EnrollmentModule } from './modules/enrollment/index.js';
import { IntakeModule } from './modules/intake/index.js';
import { NotificationsModule } from './modules/notifications/index.js';
import { OpsModule } from './modules/ops/index.js';
import { OrdersModule } from './modules/orders/index.js';
import { PaymentsModule } from './modules/payments/index.js';
import { PrescriptionsModule } from './modules/prescriptions/index.js';
import { RoutingModule } from './modules/routing/index.js';
import { ShippingModule } from './modules/shipping/index.js';
import { ThreadsModule } from './modules/threads/index.js';
import { TicketsModule } from './modules/tickets/index.js';
import { ValidationModule } from './modules/validation/index.js';
import { WebhookEndpointsModule } from './modules/webhook-endpoints/index.js';
import { WebhooksModule } from './modules/webhooks/index.js';
import { HealthModule } from './platform/health/index.js';
import { HttpPlatformModule } from './platform/http/http-platform.module.js';
import { MetricsModule } from './platform/metrics/metrics.module.js';
import { PlatformModule, type PlatformOptions } from './platform/platform.module.js';

/** Everything the product consists of. Which parts of it run is decided by the roles of the process. */
@Module({})
export class AppModule {
  static forRoot(platform: PlatformOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(platform),
        HttpPlatformModule,
        MetricsModule,
        HealthModule,
        AuditModule,
        AuthModule,
        WebhooksModule,
        DirectoryModule,
        TicketsModule,
        ThreadsModule,
        PrescriptionsModule,
        ValidationModule,
        EnrollmentModule,
        RoutingModule,
        AdjudicationModule,
        PaymentsModule,
        ShippingModule,
        IntakeModule,
        OrdersModule,
        DeskModule,
        CancellationModule,
        OpsModule,
        NotificationsModule,
        WebhookEndpointsModule,
      ],
    };
  }
}
