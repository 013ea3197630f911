import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { DirectoryDesk } from './directory.desk.js';
import { exampleId } from './dto/page.dto.js';
import { CreateProviderDto, ListProvidersDto, ProviderDto, ProviderPageDto } from './dto/provider.dto.js';
import { Providers } from './providers.service.js';

@ApiTags('directory')
@Controller('providers')
export class ProvidersController {
  constructor(
    private readonly desk: DirectoryDesk,
    private readonly providers: Providers,
  ) {}

  @Post()
  @HttpCode(200)
  @Can('directory:write')
  @Idempotent()
  @ApiOperation({
    summary: 'Create a prescriber, or get the one with this NPI; empty fields of a known one are filled',
  })
  @ApiOkResponse({ type: ProviderDto })
  async createOrGet(@Caller() caller: Principal, @Body() body: CreateProviderDto): Promise<ProviderDto> {
    return new ProviderDto(
      await this.desk.recorded(caller, { action: 'write', entity: 'provider', ids: ({ id }) => [id] }, (tx) =>
        this.providers.createOrGet(tx, caller.organizationId, body),
      ),
    );
  }

  @Get()
  @Can('directory:read')
  @ApiOperation({ summary: 'Prescribers of the organization, oldest first, or the one with an NPI' })
  @ApiOkResponse({ type: ProviderPageDto })
  async list(@Caller() caller: Principal, @Query() query: ListProvidersDto): Promise<ProviderPageDto> {
    return new ProviderPageDto(
      await this.desk.look(caller, (tx) => this.providers.list(tx, caller.organizationId, query)),
    );
  }

  @Get(':id')
  @Can('directory:read')
  @ApiOperation({ summary: 'One prescriber' })
  @ApiParam({ name: 'id', example: exampleId })
  @ApiOkResponse({ type: ProviderDto })
  @Fails('provider.not-found')
  async get(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<ProviderDto> {
    return new ProviderDto(await this.desk.look(caller, (tx) => this.providers.get(tx, caller.organizationId, id)));
  }
}
