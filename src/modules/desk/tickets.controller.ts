import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { timelineView, TimelineResponse } from '../prescriptions/index.js';
import {
  ChangeTicketPharmacyDto,
  ListTicketsDto,
  OpenTicketDto,
  SetStatusDto,
  TicketTimelineDto,
  TriageDto,
} from './dto/ticket-requests.dto.js';
import { ticketExamples } from './dto/ticket.examples.js';
import {
  ThreadDto,
  threadView,
  TicketDetailDto,
  ticketDetailView,
  TicketDto,
  TicketPageDto,
  ticketPageView,
  ticketView,
} from './dto/ticket.dto.js';
import { TicketDesk } from './ticket-desk.service.js';
import { TicketMoves } from './ticket-moves.service.js';

@ApiTags('tickets')
@Controller('tickets')
export class TicketsController {
  constructor(
    private readonly desk: TicketDesk,
    private readonly moves: TicketMoves,
  ) {}

  @Get()
  @Can('tickets:read')
  @ApiOperation({
    summary: 'My tickets, newest first',
    description:
      'With prescription, thread, unread messages, last message and the question somebody must answer. A pharmacy sees a ' +
      'ticket once its prescription was sent.',
  })
  @ApiOkResponse({ type: TicketPageDto })
  @Fails('ticket.cursor-invalid')
  async list(@Caller() caller: Principal, @Query() query: ListTicketsDto): Promise<TicketPageDto> {
    return ticketPageView(await this.desk.list(caller, query));
  }

  @Post()
  @Can('tickets:assign')
  @Idempotent()
  @ApiOperation({
    summary: 'Open a ticket, or get the open one',
    description:
      'For one appointment, doctor, pharmacy and patient there is one open ticket of a type: 201 with a new one, 200 with the ' +
      'one that stands. Its thread and members are made with it.',
  })
  @ApiCreatedResponse({ type: TicketDto })
  @ApiOkResponse({ type: TicketDto, description: 'It was open already.' })
  @Example<TicketDto>(ticketExamples.open)
  @Fails('ticket.party-unknown', 'ticket.doctor-required', 'ticket.doctor-not-you')
  async open(
    @Caller() caller: Principal,
    @Body() body: OpenTicketDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TicketDto> {
    const { view, created } = await this.desk.open(caller, body);
    reply.code(created ? 201 : 200);
    return ticketView(view);
  }

  @Get(':id')
  @Can('tickets:read')
  @ApiOperation({
    summary: 'One ticket: who takes part, where it stands, what was ordered and what was said last',
    description: 'A key that may not read prescriptions gets none.',
  })
  @ApiOkResponse({ type: TicketDetailDto })
  @Fails('ticket.not-found')
  async get(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<TicketDetailDto> {
    return ticketDetailView(await this.desk.detail(caller, id));
  }

  @Patch(':id')
  @Can('tickets:triage')
  @ApiOperation({ summary: 'How urgent it is, whose it is, and until when it may wait (operations)' })
  @ApiOkResponse({ type: TicketDto })
  @Example<TicketDto>(ticketExamples.triage)
  @Fails('ticket.not-found', 'ticket.party-unknown')
  async triage(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: TriageDto,
  ): Promise<TicketDto> {
    return ticketView(await this.desk.triage(caller, id, body));
  }

  @Post(':id/status')
  @HttpCode(200)
  @Can('tickets:write')
  @ApiOperation({
    summary: 'Say where it stands: sent, received, processing, ready; or end it',
    description:
      '`sent` is said of tickets without a prescription; those with one are sent by it. `received` may be said as soon as the ticket is sent, and acknowledges the prescription once that is handed over. ' +
      '`processing` and `ready` move the prescription too, and wait for the answer to a question that blocks. A ticket with a prescription ends with it: ' +
      '`closed`, said by the pharmacy or operations, means that the patient picked up what was `ready`, and delivers the prescription.',
  })
  @ApiOkResponse({ type: TicketDto })
  @Example<TicketDto>(ticketExamples.setStatus)
  @Fails(
    'ticket.not-found',
    'ticket.not-yours-to-move',
    'ticket.not-sent',
    'ticket.not-handed-over',
    'ticket.question-open',
    'ticket.illegal-move',
    'ticket.moved-by-prescription',
  )
  async setStatus(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() { status, reason }: SetStatusDto,
  ): Promise<TicketDto> {
    return ticketView(await this.moves.set(caller, id, status, reason));
  }

  @Post(':id/pharmacy')
  @HttpCode(200)
  @Can('tickets:assign')
  @ApiOperation({
    summary: 'Wish another pharmacy, while nothing was sent',
    description: 'The former one loses access; afterwards routing decides, at `POST /api/prescriptions/:id/pharmacy`.',
  })
  @ApiOkResponse({ type: TicketDto })
  @Example<TicketDto>(ticketExamples.changePharmacy)
  @Fails(
    'ticket.not-found',
    'ticket.party-unknown',
    'ticket.illegal-move',
    'ticket.pharmacy-chosen-by-routing',
    'ticket.already-open',
  )
  async changePharmacy(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() { pharmacyId, reason }: ChangeTicketPharmacyDto,
  ): Promise<TicketDto> {
    return ticketView(await this.desk.changePharmacy(caller, id, pharmacyId, reason));
  }

  @Get(':id/thread')
  @Can('tickets:read')
  @ApiOperation({ summary: 'The thread of a ticket, and who takes part in it' })
  @ApiOkResponse({ type: ThreadDto })
  @Fails('ticket.not-found')
  async thread(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<ThreadDto> {
    return threadView(await this.desk.thread(caller, id));
  }

  @Get(':id/timeline')
  @Can('tickets:read')
  @ApiOperation({ summary: 'Everything that happened to the ticket, its prescriptions and its thread, oldest first' })
  @ApiOkResponse({ type: TimelineResponse })
  @Fails('ticket.not-found')
  async timeline(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Query() { kind, from, to }: TicketTimelineDto,
  ): Promise<TimelineResponse> {
    return timelineView(await this.desk.timeline(caller, id, { kinds: kind, from, to }));
  }
}
