import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { DirectoryDesk } from './directory.desk.js';
import { exampleId } from './dto/page.dto.js';
import { CorrectPatientDto } from './dto/patient-correction.dto.js';
import { CreatePatientDto, FindPatientsDto, PatientDto, PatientListDto, PatientMatchDto } from './dto/patient.dto.js';
import { PatientCorrections } from './patient-corrections.service.js';
import { Patients } from './patients.service.js';

@ApiTags('directory')
@Controller('patients')
export class PatientsController {
  constructor(
    private readonly desk: DirectoryDesk,
    private readonly patients: Patients,
    private readonly corrections: PatientCorrections,
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

  @Patch(':id')
  @Can('directory:write')
  @ApiOperation({
    summary: 'Correct contact, address or preferred pharmacy of a patient',
    description:
      'What is absent stays; an address is replaced as a whole. Orders that were taken in before go to the corrected address, ' +
      'later ones to the address they state.',
  })
  @ApiParam({ name: 'id', example: exampleId })
  @Example({ request: { phone: '+15125550100', preferredPharmacyId: exampleId } })
  @ApiOkResponse({ type: PatientDto })
  @Fails('patient.not-found', 'patient.zip-outside-state', 'pharmacy.not-found')
  async correct(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: CorrectPatientDto,
  ): Promise<PatientDto> {
    return new PatientDto(
      await this.desk.recorded(caller, { action: 'write', entity: 'patient', ids: ({ id: own }) => [own] }, (tx) =>
        this.corrections.correct(tx, id, body),
      ),
    );
  }
}
