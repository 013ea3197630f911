import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import {
  shipmentResponse,
  ShipmentResponse,
  ShipmentsResponse,
  voidedExample,
  VoidShipmentRequest,
} from './dto/shipment.dto.js';
import { Shipping } from './shipping.service.js';

const shipmentParam = { name: 'id', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f60' };

@ApiTags('shipping')
@Controller()
export class ShippingController {
  constructor(private readonly shipping: Shipping) {}

  @Get('prescriptions/:id/shipment')
  @Can('shipping:read')
  @ApiOperation({ summary: 'Every parcel of a prescription with what carriers and pharmacies reported of it' })
  @ApiParam({ name: 'id', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  @ApiOkResponse({ type: ShipmentsResponse })
  @Fails('prescription.not-found')
  async parcels(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<ShipmentsResponse> {
    return { items: (await this.shipping.parcels(caller, id)).map(shipmentResponse) };
  }

  @Get('shipments/:id/label')
  @Can('labels:read')
  @ApiOperation({ summary: 'The label as PDF, 4 by 6 inches; for the pharmacy and staff' })
  @ApiParam(shipmentParam)
  @ApiProduces('application/pdf')
  @ApiOkResponse({
    description: 'PDF',
    content: { 'application/pdf': { schema: { type: 'string', format: 'binary' } } },
  })
  @Example({ responses: { 'application/pdf': '%PDF-1.4 …' } })
  @Fails('shipment.not-found', 'shipment.label-missing')
  async label(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<StreamableFile> {
    return new StreamableFile(await this.shipping.label(caller, id), {
      type: 'application/pdf',
      disposition: `attachment; filename="label-${id}.pdf"`,
    });
  }

  @Post('shipments/:id/void')
  @HttpCode(200)
  @Can('shipping:write')
  @Idempotent()
  @ApiOperation({
    summary: 'Give a label back before the carrier has the parcel; replace buys a new one',
    description: 'When the carrier does not answer, this is a 503 and goes on by itself; asking again is harmless.',
  })
  @ApiParam(shipmentParam)
  @ApiOkResponse({ type: ShipmentResponse })
  @Example<ShipmentResponse>({ differs: voidedExample })
  @Fails(
    'shipment.not-found',
    'shipment.not-voidable',
    'shipment.already-scanned',
    'shipment.not-refunded',
    'service.unavailable',
  )
  async void(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: VoidShipmentRequest,
  ): Promise<ShipmentResponse> {
    return shipmentResponse(await this.shipping.void(caller, id, body.replace === true));
  }
}
