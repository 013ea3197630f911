import { Body, Controller, Get, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { fail } from './directory.errors.js';
import { DirectoryDesk } from './directory.desk.js';
import {
  ChangeOrganizationDto,
  CreateOrganizationDto,
  OrganizationDto,
  OrganizationPageDto,
} from './dto/organization.dto.js';
import { exampleId, PageQuery } from './dto/page.dto.js';
import { Organizations } from './organizations.service.js';

@ApiTags('directory')
@Controller('organizations')
export class OrganizationsController {
  constructor(
    private readonly desk: DirectoryDesk,
    private readonly organizations: Organizations,
  ) {}

  @Post()
  @Can('organizations:write')
  @Idempotent()
  @ApiOperation({ summary: 'Add an organization' })
  @ApiCreatedResponse({ type: OrganizationDto })
  async create(@Caller() caller: Principal, @Body() body: CreateOrganizationDto): Promise<OrganizationDto> {
    return new OrganizationDto(
      await this.desk.recorded(caller, { action: 'write', entity: 'organization', ids: ({ id }) => [id] }, (tx) =>
        this.organizations.create(tx, body),
      ),
    );
  }

  @Get()
  @Can('organizations:read')
  @ApiOperation({ summary: 'Organizations, oldest first' })
  @ApiOkResponse({ type: OrganizationPageDto })
  async list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<OrganizationPageDto> {
    return new OrganizationPageDto(await this.desk.look(caller, (tx) => this.organizations.page(tx, query)));
  }

  @Get(':id')
  @Can('organizations:read')
  @ApiOperation({ summary: 'One organization' })
  @ApiParam({ name: 'id', example: exampleId })
  @ApiOkResponse({ type: OrganizationDto })
  @Fails('organization.not-found')
  async get(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<OrganizationDto> {
    return new OrganizationDto(await this.desk.look(caller, (tx) => this.organizations.get(tx, id)));
  }

  @Patch(':id')
  @Can('organizations:write')
  @ApiOperation({ summary: 'Change your organization: its brand, help line, zone, usual path, SCRIPT mailboxes' })
  @ApiParam({ name: 'id', example: exampleId })
  @Example({ request: { supportPhone: '1-800-SUPPORT', scriptMailboxes: ['7000001'] } })
  @ApiOkResponse({ type: OrganizationDto })
  @Fails('organization.not-found')
  async change(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: ChangeOrganizationDto,
  ): Promise<OrganizationDto> {
    return new OrganizationDto(
      await this.desk.recorded(
        caller,
        { action: 'write', entity: 'organization', ids: ({ id: changed }) => [changed] },
        (tx) => this.organizations.change(tx, ownOf(caller, id), body),
      ),
    );
  }
}

/** Administrators see the register of organizations, and change their own. */
function ownOf({ organizationId }: Principal, id: string): string {
  if (id !== organizationId) throw fail('organization.not-found');
  return id;
}
