import { Body, Controller, Get, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { DirectoryDesk } from './directory.desk.js';
import { exampleId, PageQuery } from './dto/page.dto.js';
import { ChangePharmacyDto, CreatePharmacyDto, PharmacyDto, PharmacyPageDto } from './dto/pharmacy.dto.js';
import { Pharmacies } from './pharmacies.service.js';

const changeExample = { openForOrders: false, dailyCapacity: 120 };

@ApiTags('directory')
@Controller('pharmacies')
export class PharmaciesController {
  constructor(
    private readonly desk: DirectoryDesk,
    private readonly pharmacies: Pharmacies,
  ) {}

  @Post()
  @Can('directory:write')
  @Idempotent()
  @ApiOperation({ summary: 'Add a pharmacy' })
  @ApiCreatedResponse({ type: PharmacyDto })
  @Fails('pharmacy.already-exists', 'pharmacy.zip-outside-state')
  async create(@Caller() caller: Principal, @Body() body: CreatePharmacyDto): Promise<PharmacyDto> {
    return new PharmacyDto(
      await this.desk.recorded(caller, { action: 'write', entity: 'pharmacy', ids: ({ id }) => [id] }, (tx) =>
        this.pharmacies.create(tx, caller.organizationId, body),
      ),
    );
  }

  @Get()
  @Can('directory:read')
  @ApiOperation({ summary: 'Pharmacies of the organization, oldest first' })
  @ApiOkResponse({ type: PharmacyPageDto })
  async list(@Caller() caller: Principal, @Query() query: PageQuery): Promise<PharmacyPageDto> {
    return new PharmacyPageDto(
      await this.desk.look(caller, (tx) => this.pharmacies.list(tx, caller.organizationId, query)),
    );
  }

  @Get(':id')
  @Can('directory:read')
  @ApiOperation({ summary: 'One pharmacy' })
  @ApiParam({ name: 'id', example: exampleId })
  @ApiOkResponse({ type: PharmacyDto })
  @Fails('pharmacy.not-found')
  async get(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<PharmacyDto> {
    return new PharmacyDto(await this.desk.look(caller, (tx) => this.pharmacies.get(tx, caller.organizationId, id)));
  }

  @Patch(':id')
  @Can('directory:write')
  @ApiOperation({ summary: 'Change a pharmacy: close it for orders, its capacity, licences, fees' })
  @ApiParam({ name: 'id', example: exampleId })
  @Example<PharmacyDto>({ request: changeExample, differs: changeExample })
  @ApiOkResponse({ type: PharmacyDto })
  @Fails('pharmacy.not-found', 'pharmacy.already-exists', 'pharmacy.zip-outside-state')
  async change(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: ChangePharmacyDto,
  ): Promise<PharmacyDto> {
    return new PharmacyDto(
      await this.desk.recorded(caller, { action: 'write', entity: 'pharmacy', ids: ({ id }) => [id] }, (tx) =>
        this.pharmacies.change(tx, caller.organizationId, id, body),
      ),
    );
  }
}
