import { Global, Module } from '@nestjs/common';
import { MetricsModule } from '../../platform/metrics/index.js';
import { AuditController } from './audit.controller.js';
import { AuditReader } from './audit.reader.js';
import { Audit } from './audit.service.js';
import { Sealer } from './sealer.service.js';
import { SealerStore } from './sealer.store.js';
import { TrailWatch } from './trail-watch.js';
import { Verifier } from './verifier.service.js';
import { VerifierStore } from './verifier.store.js';

/** Global: every module records, and the trail depends on none of them. */
@Global()
@Module({
  imports: [MetricsModule],
  providers: [Audit, AuditReader, Sealer, SealerStore, TrailWatch, Verifier, VerifierStore],
  controllers: [AuditController],
  exports: [Audit, Sealer, Verifier],
})
export class AuditModule {}
