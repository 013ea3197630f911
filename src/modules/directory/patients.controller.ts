import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { DirectoryDesk } from './directory.desk.js';
import { exampleId } from './dto/page.dto.js';
import { CreatePatientDto, FindPatientsDto, PatientDto, PatientListDto, PatientMatchDto } from './dto/patient.dto.js';
import { Patients } from './patients.service.js';

@ApiTags('directory')
@Controller('patients')
export class PatientsController {
  constructor(
    private readonly desk: DirectoryDesk,
    private readonly patients: Patients,
  ) {}

  @Post()
  @HttpCode(200)
  @Can('directory:write')
  @Idempotent()
  @ApiOperation({
    summary: 'Find or create a patient',
    description:
      'The same rules as for prescriptions: external id, then email, phone, or last name and ZIP, each with the birth date. ' +
      'A contact known with another birth date makes a new patient and a review, never a merge.',
  })
  @ApiOkResponse({ type: PatientMatchDto })
  @Fails('patient.unfindable')
  async match(@Caller() caller: Principal, @Body() body: CreatePatientDto): Promise<PatientMatchDto> {
    return new PatientMatchDto(
      await this.desk.recorded(
        caller,
        { action: 'write', entity: 'patient', ids: ({ patientId }) => [patientId] },
        (tx) => this.patients.matchPatient(tx, caller.organizationId, body),
      ),
    );
  }

  @Get()
  @Can('directory:read')
  @ApiOperation({ summary: 'The patient with your own id, if there is one' })
  @ApiOkResponse({ type: PatientListDto })
  async find(@Caller() caller: Principal, @Query() query: FindPatientsDto): Promise<PatientListDto> {
    return new PatientListDto(
      await this.desk.recorded(
        caller,
        { action: 'search', entity: 'patient', ids: (found) => found.map(({ id }) => id) },
        (tx) => this.patients.byExternalId(tx, caller.organizationId, query.externalId),
      ),
    );
  }

  @Get(':id')
  @Can('directory:read')
  @ApiOperation({ summary: 'One patient with birth date and contact data' })
  @ApiParam({ name: 'id', example: exampleId })
  @ApiOkResponse({ type: PatientDto })
  @Fails('patient.not-found')
  async get(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<PatientDto> {
    return new PatientDto(
      await this.desk.recorded(caller, { action: 'read', entity: 'patient', ids: ({ id }) => [id] }, (tx) =>
        this.patients.profile(tx, id),
      ),
    );
  }
}
