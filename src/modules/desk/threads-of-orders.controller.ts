import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller, Can, type Principal } from '../auth/index.js';
import { FindThreadDto } from './dto/ticket-requests.dto.js';
import { ThreadListDto, threadView } from './dto/ticket.dto.js';
import { TicketDesk } from './ticket-desk.service.js';

@ApiTags('threads')
@Controller('threads')
export class ThreadsOfOrdersController {
  constructor(private readonly desk: TicketDesk) {}

  @Get()
  @Can('tickets:read')
  @ApiOperation({
    summary: 'The thread with a pharmacy about an order, for callers that know no ticket',
    description:
      'The one of the prescription’s ticket while that is at the pharmacy; otherwise the one the older system opened for this ' +
      'order and pharmacy. At most one.',
  })
  @ApiOkResponse({ type: ThreadListDto })
  async find(@Caller() caller: Principal, @Query() { orderId, pharmacyId }: FindThreadDto): Promise<ThreadListDto> {
    return { items: (await this.desk.threadsOfOrder(caller, orderId, pharmacyId)).map(threadView) };
  }
}
