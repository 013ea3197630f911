import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import {
  ChoosePharmacyRequest,
  ChosenPharmacyResponse,
  RecommendationResponse,
  recommendationResponse,
} from './dto/routing.dto.js';
import { Routing } from './routing.service.js';

@ApiTags('routing')
@Controller('prescriptions/:id')
export class RoutingController {
  constructor(private readonly routing: Routing) {}

  @Get('pharmacies')
  @Can('routing:read')
  @ApiOperation({ summary: 'The latest ranking: each score with its parts, each exclusion with all its reasons' })
  @ApiOkResponse({ type: RecommendationResponse })
  @Fails('prescription.not-found', 'routing.not-yet')
  async show(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<RecommendationResponse> {
    return recommendationResponse(await this.routing.show(caller, id));
  }

  @Post('pharmacies')
  @HttpCode(200)
  @Can('routing:write')
  @Idempotent()
  @ApiOperation({
    summary: 'Ranks the pharmacies again, for example after one was opened or licensed',
    description: 'Only ranks: `POST /api/prescriptions/{id}/pharmacy` takes one.',
  })
  @ApiOkResponse({ type: RecommendationResponse })
  @Example<RecommendationResponse>({ differs: { selectedPharmacyId: null } })
  @Fails('prescription.not-found', 'prescription.illegal-action')
  async rerun(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<RecommendationResponse> {
    return recommendationResponse(await this.routing.rerun(caller, id));
  }

  @Post('pharmacy')
  @HttpCode(200)
  @Can('routing:write')
  @Idempotent()
  @ApiOperation({ summary: 'Chooses the pharmacy; eligibility is checked afresh' })
  @ApiOkResponse({ type: ChosenPharmacyResponse })
  @Fails('prescription.not-found', 'prescription.illegal-action', 'routing.not-recommended', 'routing.not-eligible')
  @Fails('routing.legal-rule', 'routing.override-needs-reason', 'routing.override-not-yours')
  async choose(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: ChoosePharmacyRequest,
  ): Promise<ChosenPharmacyResponse> {
    return { prescriptionId: id, pharmacyId: body.pharmacyId, ...(await this.routing.choose(caller, id, body)) };
  }
}
