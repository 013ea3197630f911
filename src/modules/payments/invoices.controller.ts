import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { CreateRefundDto, InvoiceDetailDto, InvoicePageDto, ListInvoicesDto, RefundDto } from './dto/invoice.dto.js';
import { Invoices } from './invoices.service.js';
import type { InvoiceFilter } from './invoices.store.js';

const idParam = { name: 'id', example: '019a6f40-11d2-7a31-8c55-4a4d3a9c0b11' };

@ApiTags('payments')
@Controller('invoices')
export class InvoicesController {
  constructor(private readonly invoices: Invoices) {}

  @Get()
  @Can('payments:read')
  @ApiOperation({ summary: 'Invoices, newest first' })
  @ApiOkResponse({ type: InvoicePageDto })
  async list(@Caller() caller: Principal, @Query() query: ListInvoicesDto): Promise<InvoicePageDto> {
    return new InvoicePageDto(await this.invoices.list(caller, filterOf(query)));
  }

  @Get(':id')
  @Can('payments:read')
  @ApiOperation({ summary: 'One invoice with what was given back or is disputed' })
  @ApiParam(idParam)
  @ApiOkResponse({ type: InvoiceDetailDto })
  @Example<InvoiceDetailDto>({ differs: { status: 'partially_refunded' } })
  @Fails('invoice.not-found')
  async get(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<InvoiceDetailDto> {
    return new InvoiceDetailDto(await this.invoices.get(caller, id));
  }

  @Post(':id/refunds')
  @HttpCode(202)
  @Can('payments:write')
  @Idempotent()
  @ApiOperation({ summary: 'Give back a part of what was paid, or all that is left' })
  @ApiParam(idParam)
  @ApiAcceptedResponse({ type: RefundDto })
  @Example<RefundDto>({ differs: { status: 'created', confirmedAt: null } })
  @Fails('invoice.not-found', 'refund.nothing-paid', 'refund.too-large')
  async refund(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: CreateRefundDto,
  ): Promise<RefundDto> {
    return new RefundDto(await this.invoices.refund(caller, id, body));
  }

  @Post(':id/void')
  @HttpCode(200)
  @Can('payments:write')
  @Idempotent()
  @ApiOperation({ summary: 'Take an unpaid invoice back and close its payment links' })
  @ApiParam(idParam)
  @ApiOkResponse({ type: InvoiceDetailDto })
  @Example<InvoiceDetailDto>({ differs: { status: 'void', paidAt: null, refunds: [], disputes: [] } })
  @Fails('invoice.not-found', 'invoice.not-open')
  async void(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<InvoiceDetailDto> {
    return new InvoiceDetailDto(await this.invoices.void(caller, id));
  }
}

function filterOf({ status, prescriptionId, cursor, limit }: ListInvoicesDto): InvoiceFilter {
  return { status, prescriptionId, cursor, limit };
}
