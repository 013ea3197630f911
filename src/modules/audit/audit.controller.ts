import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, RequiresPermission } from '../../platform/http/access-rule.js';
import type { CallerId } from '../../platform/http/request-context.js';
import { AuditPage, AuditQuery } from './audit.dto.js';
import { AuditReader } from './audit.reader.js';

@ApiTags('audit')
@Controller('audit')
export class AuditController {
  constructor(private readonly reader: AuditReader) {}

  @Get()
  @RequiresPermission('audit:read')
  @ApiOperation({ summary: 'Who did what in the organization, newest first' })
  @ApiOkResponse({ type: AuditPage })
  list(@CurrentCaller() caller: CallerId, @Query() query: AuditQuery): Promise<AuditPage> {
    return this.reader.page(caller, query);
  }
}
