import { Body, Controller, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import type { Prescription } from '../prescriptions/index.js';
import { Cancellation } from './cancellation.service.js';
import { CancelledPrescription, CancelRequest } from './dto/cancel.dto.js';

@ApiTags('prescriptions')
@Controller('prescriptions/:id/cancel')
export class CancellationController {
  constructor(private readonly cancellation: Cancellation) {}

  @Post()
  @HttpCode(200)
  @Can('prescriptions:cancel')
  @Idempotent()
  @ApiOperation({
    summary: 'Cancel a prescription',
    description:
      'Ends it at once; claims, payment, label and orders are undone step by step afterwards, visible in timeline and why. ' +
      'A label that is bought but not handed over is voided first.',
  })
  @ApiOkResponse({ type: CancelledPrescription })
  @Fails(
    'prescription.not-found',
    'prescription.already-handed-over',
    'prescription.label-not-refunded',
    'prescription.illegal-action',
    'service.unavailable',
  )
  async cancel(
    @Caller() principal: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() { reason }: CancelRequest,
  ): Promise<CancelledPrescription> {
    return viewOf(await this.cancellation.cancel(principal, id, reason));
  }
}

function viewOf(prescription: Prescription): CancelledPrescription {
  return {
    id: prescription.id,
    state: prescription.state,
    cancelledAt: prescription.stateSince.toISOString(),
    ticketId: prescription.ticketId,
  };
}
