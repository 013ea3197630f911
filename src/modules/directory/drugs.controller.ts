import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { DirectoryDesk } from './directory.desk.js';
import { DrugDto, StoredDrugsDto, UpsertDrugsDto } from './dto/drug.dto.js';
import { Drugs } from './drugs.service.js';

@ApiTags('directory')
@Controller('drugs')
export class DrugsController {
  constructor(
    private readonly desk: DirectoryDesk,
    private readonly drugs: Drugs,
  ) {}

  @Post()
  @HttpCode(200)
  @Can('drugs:write')
  @ApiOperation({ summary: 'Create or replace lines of the drug directory, which all organizations share' })
  @ApiOkResponse({ type: StoredDrugsDto })
  @Fails('drug.ndc-invalid')
  async upsert(@Caller() caller: Principal, @Body() body: UpsertDrugsDto): Promise<StoredDrugsDto> {
    return new StoredDrugsDto(
      await this.desk.recorded(caller, { action: 'write', entity: 'drug', ids: () => [] }, (tx) =>
        this.drugs.upsert(tx, body.drugs),
      ),
    );
  }

  @Get(':ndc')
  @Can('directory:read')
  @ApiOperation({ summary: 'One line of the drug directory, by NDC with or without hyphens' })
  @ApiParam({ name: 'ndc', example: '70000-0101-30' })
  @ApiOkResponse({ type: DrugDto })
  @Fails('drug.not-found', 'drug.ndc-invalid')
  async get(@Caller() caller: Principal, @Param('ndc') ndc: string): Promise<DrugDto> {
    return new DrugDto(await this.desk.look(caller, (tx) => this.drugs.get(tx, ndc)));
  }
}
