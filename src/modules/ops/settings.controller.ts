import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller, Can, type Principal } from '../auth/index.js';
import { SettingsDto } from './dto/settings.dto.js';
import { Settings } from './settings.service.js';

@ApiTags('ops')
@Controller('settings')
export class SettingsController {
  constructor(private readonly settings: Settings) {}

  @Get()
  @Can('settings:read')
  @ApiOperation({
    summary: 'What is set: for your organization and, to administrators, for the installation',
    description:
      'To look at only: `PATCH /api/organizations/{id}` changes the organization, and the environment of the process sets the rest.',
  })
  @ApiOkResponse({ type: SettingsDto })
  async read(@Caller() principal: Principal): Promise<SettingsDto> {
    return new SettingsDto(await this.settings.seenBy(principal));
  }
}
