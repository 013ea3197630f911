import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { DirectoryDesk } from './directory.desk.js';
import { exampleId } from './dto/page.dto.js';
import { PatientReviewDto, PatientReviewPageDto } from './dto/patient-review.dto.js';
import { ListReviewsDto, resolvedExample, ResolveReviewDto } from './dto/review.dto.js';
import { PatientReviews } from './patient-reviews.service.js';

@ApiTags('directory')
@Controller('patients/reviews')
export class PatientReviewsController {
  constructor(
    private readonly desk: DirectoryDesk,
    private readonly reviews: PatientReviews,
  ) {}

  @Get()
  @Can('directory:read')
  @ApiOperation({ summary: 'Patients who may be one person, oldest doubt first' })
  @ApiOkResponse({ type: PatientReviewPageDto })
  async list(@Caller() caller: Principal, @Query() query: ListReviewsDto): Promise<PatientReviewPageDto> {
    return new PatientReviewPageDto(
      await this.desk.recorded(
        caller,
        { action: 'search', entity: 'patient_review', ids: ({ items }) => items.map(({ id }) => id) },
        (tx) => this.reviews.list(tx, caller.organizationId, query),
      ),
    );
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @Can('directory:write')
  @ApiOperation({ summary: 'Note what a person found out about two patients' })
  @ApiParam({ name: 'id', example: exampleId })
  @ApiOkResponse({ type: PatientReviewDto })
  @Example<PatientReviewDto>({ differs: resolvedExample })
  @Fails('patient-review.not-found', 'patient-review.already-resolved')
  async resolve(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() { resolution }: ResolveReviewDto,
  ): Promise<PatientReviewDto> {
    return new PatientReviewDto(
      await this.desk.recorded(caller, { action: 'write', entity: 'patient_review', ids: ({ id }) => [id] }, (tx) =>
        this.reviews.resolve(tx, id, { resolution, by: caller.id }),
      ),
    );
  }
}
