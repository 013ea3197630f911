import { Controller, Get, Param, ParseUUIDPipe } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { PrescriptionFindingsDto } from './dto/findings.dto.js';
import { Validation } from './validation.service.js';

@ApiTags('prescriptions')
@Controller('prescriptions')
export class ValidationController {
  constructor(private readonly validation: Validation) {}

  @Get(':id/findings')
  @Can('prescriptions:read')
  @ApiOperation({ summary: 'What validation found, version by version' })
  @ApiParam({ name: 'id', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  @ApiOkResponse({ type: PrescriptionFindingsDto })
  @Fails('prescription.not-found')
  async findings(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
  ): Promise<PrescriptionFindingsDto> {
    return new PrescriptionFindingsDto(await this.validation.show(caller, id));
  }
}
