import { Global, Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { AuditReader } from './audit.reader.js';
import { Audit } from './audit.service.js';

/** Global: every module records, and the trail depends on none of them. */
@Global()
@Module({ providers: [Audit, AuditReader], controllers: [AuditController], exports: [Audit] })
export class AuditModule {}
