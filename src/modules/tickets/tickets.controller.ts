import { Controller, Get, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { exampleTicketId, ListTicketsDto, TicketDto, TicketPageDto } from './dto/ticket.dto.js';
import { Tickets } from './tickets.service.js';

@ApiTags('tickets')
@Controller('tickets')
export class TicketsController {
  constructor(private readonly tickets: Tickets) {}

  @Get()
  @Can('tickets:read')
  @ApiOperation({ summary: 'My tickets, newest first' })
  @ApiOkResponse({ type: TicketPageDto })
  async list(@Caller() caller: Principal, @Query() query: ListTicketsDto): Promise<TicketPageDto> {
    return new TicketPageDto(await this.tickets.show(caller, query));
  }

  @Get(':id')
  @Can('tickets:read')
  @ApiOperation({ summary: 'One ticket: who takes part and where it stands' })
  @ApiParam({ name: 'id', example: exampleTicketId })
  @ApiOkResponse({ type: TicketDto })
  @Fails('ticket.not-found')
  async get(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<TicketDto> {
    return new TicketDto(await this.tickets.open(caller, id));
  }
}
