import { Controller, Param, ParseUUIDPipe, Post, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Accepts, Example, Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { acceptedExample, IntakeAccepted, ticketOrderExample } from './dto/intake.dto.js';
import { answered, incomingOf } from './intake.controller.js';
import { bodyCodes } from './intake.errors.js';
import { TicketOrders } from './ticket-orders.service.js';

@ApiTags('tickets')
@Controller('tickets')
export class TicketOrdersController {
  constructor(private readonly orders: TicketOrders) {}

  @Post(':id/prescription')
  @Can('intake:write')
  @Accepts('application/json')
  @ApiOperation({
    summary: 'Save the prescription of a ticket',
    description:
      'The order as at `POST /api/intake`, without `patient`, `prescriber` and `pharmacy`: those are the parties of the ticket. ' +
      'It goes the way of any other; once it passes validation the ticket is `sent` and the pharmacy takes part. A further one ' +
      'is a further prescription on the same ticket.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, example: '0b7c3f1e-4f57-4a3c-9d62-6a1a9f5d2c11' })
  @ApiAcceptedResponse({
    description: 'Kept; validation follows.',
    content: {
      'application/json': {
        schema: { $ref: getSchemaPath(IntakeAccepted) },
        example: acceptedExample,
      },
    },
  })
  @Example({ request: ticketOrderExample })
  @Fails(
    ...bodyCodes,
    'request.malformed',
    'ticket.not-found',
    'ticket.no-prescription-here',
    'ticket.illegal-move',
    'ticket.parties-stand',
    'idempotency.key-reused',
    'idempotency.key-invalid',
  )
  async save(
    @Caller() principal: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return answered(reply, await this.orders.place(principal, id, incomingOf(principal, request)));
  }
}
