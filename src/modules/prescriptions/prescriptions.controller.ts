import { Controller, Get, Header, Headers, Param, ParseUUIDPipe, Query, Sse, type MessageEvent } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Observable } from 'rxjs';
import { Example, Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { ListPrescriptionsQuery, PrescriptionPage } from './dto/list.dto.js';
import { OrderVersionResponse, PrescriptionResponse, prescriptionView, versionView } from './dto/prescription.dto.js';
import { TimelineResponse, timelineView, WhyResponse, whyView } from './dto/timeline.dto.js';
import { PrescriptionStreams } from './prescription-streams.js';
import { PrescriptionsReader } from './prescriptions.reader.js';

const streamExample = `id: 2
event: status
data: {"version":2,"action":"pass_validation","from":"received","to":"validated","event":"prescription_validated","at":"2026-11-21T01:20:01.000Z"}
`;

@ApiTags('prescriptions')
@Controller('prescriptions')
export class PrescriptionsController {
  constructor(
    private readonly reader: PrescriptionsReader,
    private readonly streams: PrescriptionStreams,
  ) {}

  @Get()
  @Can('prescriptions:read')
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({
    summary: 'Prescriptions, newest first',
    description:
      'Those of the organization for its staff, of the party for everyone else. Keyset-paged: pass `nextCursor` on.',
  })
  @ApiOkResponse({ type: PrescriptionPage })
  @Fails('prescription.cursor-invalid')
  list(@Caller() principal: Principal, @Query() query: ListPrescriptionsQuery): Promise<string> {
    return this.reader.list(principal, query);
  }

  @Get(':id')
  @Can('prescriptions:read')
  @ApiOperation({ summary: 'One prescription with the order that counts now and what validation found' })
  @ApiOkResponse({ type: PrescriptionResponse })
  @Fails('prescription.not-found')
  async get(@Caller() principal: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<PrescriptionResponse> {
    return prescriptionView(await this.reader.get(principal, id));
  }

  @Get(':id/timeline')
  @Can('prescriptions:read')
  @ApiOperation({ summary: 'Everything that happened, oldest first, with who did it and what caused it' })
  @ApiOkResponse({ type: TimelineResponse })
  @Fails('prescription.not-found')
  async timeline(@Caller() principal: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<TimelineResponse> {
    return timelineView(await this.reader.timeline(principal, id));
  }

  @Get(':id/why')
  @Can('prescriptions:read')
  @ApiOperation({ summary: 'What it waits for, who must act, since when, and what happens next' })
  @ApiOkResponse({ type: WhyResponse })
  @Fails('prescription.not-found')
  async why(@Caller() principal: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<WhyResponse> {
    return whyView(await this.reader.explain(principal, id));
  }

  @Get(':id/versions')
  @Can('prescriptions:read')
  @ApiOperation({ summary: 'What was ordered, version by version: a correction adds one' })
  @ApiOkResponse({ type: [OrderVersionResponse] })
  @Fails('prescription.not-found')
  async versions(
    @Caller() principal: Principal,
    @Param('id', ParseUUIDPipe) id: string,
  ): Promise<OrderVersionResponse[]> {
    return (await this.reader.versions(principal, id)).map(versionView);
  }

  @Sse(':id/stream')
  @Can('prescriptions:read')
  @ApiOperation({
    summary: 'Status changes as server-sent events',
    description:
      'Event ids count the moves; come back with Last-Event-ID and nothing is missed. An id that cannot be continued gets ' +
      '`reset` and everything anew. The stream ends with the token it was opened with, and when the server stops.',
  })
  @ApiProduces('text/event-stream')
  @ApiHeader({ name: 'Last-Event-ID', required: false, example: '1' })
  @Example({ responses: { 'text/event-stream': streamExample } })
  @Fails('prescription.not-found')
  stream(
    @Caller() principal: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('authorization') authorization: string | undefined,
    @Headers('last-event-id') lastEventId: string | undefined,
  ): Promise<Observable<MessageEvent>> {
    return this.streams.follow(principal, id, authorization, lastEventId);
  }
}
