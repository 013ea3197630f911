import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller, Can, type Principal } from '../auth/index.js';
import { AccessLog } from './access-log.service.js';
import { AccessLogPageDto, AccessLogQuery } from './dto/access-log.dto.js';

@ApiTags('directory')
@Controller('me')
export class AccessLogController {
  constructor(private readonly accessLog: AccessLog) {}

  @Get('access-log')
  @Can('access-log:read')
  @ApiOperation({
    summary: 'Who looked at my record, newest first',
    description: 'For patients. Every look at personal details, prescriptions, coverage, claims, parcels and messages.',
  })
  @ApiOkResponse({ type: AccessLogPageDto })
  async page(@Caller() caller: Principal, @Query() query: AccessLogQuery): Promise<AccessLogPageDto> {
    return new AccessLogPageDto(await this.accessLog.page(caller, query));
  }
}
