import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { PaymentDto } from './dto/payment.dto.js';
import { Payments } from './payments.service.js';

const idParam = { name: 'id', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' };

@ApiTags('payments')
@Controller('prescriptions')
export class PaymentsController {
  constructor(private readonly payments: Payments) {}

  @Get(':id/payment')
  @Can('payments:read')
  @ApiOperation({ summary: 'What is owed for a prescription, how far paying it has come, and where to pay' })
  @ApiParam(idParam)
  @ApiOkResponse({ type: PaymentDto })
  @Fails('prescription.not-found', 'payment.not-found')
  async of(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<PaymentDto> {
    return new PaymentDto(await this.payments.of(caller, id));
  }

  @Post(':id/payment-link')
  @HttpCode(202)
  @Can('payments:write')
  @Idempotent()
  @ApiOperation({ summary: 'Make a new payment link; the older one is closed first, the patient gets a message' })
  @ApiParam(idParam)
  @ApiAcceptedResponse({ type: PaymentDto })
  @Example<PaymentDto>({
    differs: { status: 'created', attempt: 2, url: null, expiresAt: '2026-11-22T09:30:00.000Z' },
  })
  @Fails('prescription.not-found', 'payment.not-found', 'payment.not-awaited', 'payment.order-expired')
  async link(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<PaymentDto> {
    return new PaymentDto(await this.payments.requestLink(caller, id));
  }
}
