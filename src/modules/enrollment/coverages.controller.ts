import { Controller, Get, Param, ParseUUIDPipe, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Example, Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { CoverageDesk, type ShownCoverage } from './coverage-desk.service.js';
import { CardParams, CardQuery, CoveragesResponse, type CoverageResponse } from './dto/coverage.dto.js';
import { maskedCardholderId } from './enrollment.policy.js';

@ApiTags('enrollment')
@Controller()
export class CoveragesController {
  constructor(private readonly desk: CoverageDesk) {}

  @Get('patients/:id/coverages')
  @Can('coverages:read')
  @ApiOperation({ summary: 'A patient’s coverages, newest first; of the cardholder id the last four characters' })
  @ApiOkResponse({ type: CoveragesResponse })
  @Fails('patient.not-found')
  async list(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<CoveragesResponse> {
    return { items: (await this.desk.ofPatient(caller, id)).map(coverageResponse) };
  }

  @Get('coverages/:id/cards/:side')
  @Can('coverages:read')
  @ApiOperation({ summary: 'A picture of the insurance card, as an attachment; the reason is kept in the audit' })
  @ApiProduces('image/jpeg')
  @Example({ responses: { 'image/jpeg': '(a JPEG file)' } })
  @ApiOkResponse({ description: 'The picture.' })
  @Fails('coverage.picture-not-found')
  async picture(
    @Caller() caller: Principal,
    @Param() { id, side }: CardParams,
    @Query() { reason }: CardQuery,
  ): Promise<StreamableFile> {
    return new StreamableFile(await this.desk.picture(caller, id, side, reason), {
      type: 'image/jpeg',
      disposition: `attachment; filename="card-${side}.jpg"`,
    });
  }
}

function coverageResponse({ row, opened, active }: ShownCoverage): CoverageResponse {
  const pictures = [
    ...(row.frontKey === null ? [] : (['front'] as const)),
    ...(row.backKey === null ? [] : (['back'] as const)),
  ];
  return {
    id: row.id,
    kind: row.kind,
    bin: row.bin,
    pcn: row.pcn,
    groupId: row.groupId,
    ...(opened.cardholderId !== undefined && { cardholderId: maskedCardholderId(opened.cardholderId) }),
    personCode: row.personCode,
    relationship: row.relationship,
    payerName: row.payerName,
    government: row.government,
    pictures,
    active,
    activeFrom: row.activeFrom.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}
