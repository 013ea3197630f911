import { Controller, Get, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { exampleId, ListOrdersDto, OrderPageDto, WholeOrderDto } from './dto/order.dto.js';
import { OrdersDesk } from './orders-desk.service.js';

@ApiTags('orders')
@Controller('orders')
export class OrdersController {
  constructor(private readonly desk: OrdersDesk) {}

  @Get()
  @Can('orders:read')
  @ApiOperation({ summary: 'Orders at CarePortals, newest first; by status, patient, or either of their numbers' })
  @ApiOkResponse({ type: OrderPageDto })
  async list(@Caller() caller: Principal, @Query() query: ListOrdersDto): Promise<OrderPageDto> {
    return new OrderPageDto(await this.desk.list(caller, query));
  }

  @Get(':id')
  @Can('orders:read')
  @ApiOperation({ summary: 'One order: items, addresses, amounts, what happened to it and what was prescribed for it' })
  @ApiParam({ name: 'id', example: exampleId })
  @ApiOkResponse({ type: WholeOrderDto })
  @Fails('order.not-found')
  async show(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<WholeOrderDto> {
    return new WholeOrderDto(await this.desk.show(caller, id));
  }
}
