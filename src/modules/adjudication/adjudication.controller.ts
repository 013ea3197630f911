import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { Claims } from './claims.service.js';
import { ClaimsResponse, claimsResponse, ReverseClaimResponse } from './dto/claims.dto.js';
import { RetryClaimRequest, RetryClaimResponse } from './dto/retry.dto.js';

@ApiTags('adjudication')
@Controller()
export class AdjudicationController {
  constructor(private readonly claims: Claims) {}

  @Get('prescriptions/:id/claims')
  @Can('claims:read')
  @ApiOperation({ summary: 'Every attempt with amounts and rejects, and both prices: with the plan and in cash' })
  @ApiOkResponse({ type: ClaimsResponse })
  @Fails('prescription.not-found')
  async show(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<ClaimsResponse> {
    return claimsResponse(await this.claims.show(caller, id));
  }

  @Post('prescriptions/:id/claims/retry')
  @HttpCode(202)
  @Can('claims:write')
  @Idempotent()
  @ApiOperation({ summary: 'Sends a rejected claim again, with what was missing, or takes the cash price instead' })
  @ApiAcceptedResponse({ type: RetryClaimResponse })
  @Example({ request: { priorAuthNumber: '90000000001' } })
  @Fails(
    'prescription.not-found',
    'prescription.illegal-action',
    'claim.not-dispensed',
    'claim.quantity-controlled',
    'claim.quantity-too-large',
  )
  async retry(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: RetryClaimRequest,
  ): Promise<RetryClaimResponse> {
    return { prescriptionId: id, ...(await this.claims.retry(caller, id, body)) };
  }

  @Post('claims/:id/reverse')
  @HttpCode(202)
  @Can('claims:write')
  @Idempotent()
  @ApiOperation({ summary: 'Takes a paid claim back (B2); the state turns to reversed when the payer confirms' })
  @ApiAcceptedResponse({ type: ReverseClaimResponse })
  @Fails('claim.not-found', 'claim.not-reversible', 'claim.already-used')
  async reverse(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<ReverseClaimResponse> {
    return this.claims.reverse(caller, id);
  }
}
