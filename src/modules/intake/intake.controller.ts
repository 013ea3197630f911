import { Controller, Get, Param, ParseUUIDPipe, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Accepts, Example, Fails, RendersErrors, WithoutContext } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { acceptedExample, IntakeAccepted, intakeExamples, scriptAnswerExamples } from './dto/intake.dto.js';
import type { Incoming, IntakeAnswer } from './incoming.js';
import { bodyCodes } from './intake.errors.js';
import { Intake } from './intake.service.js';
import { Originals } from './originals.service.js';
import { renderScriptError } from './script-refusal.js';

@ApiTags('intake')
@Controller()
export class IntakeController {
  constructor(
    private readonly intake: Intake,
    private readonly originals: Originals,
  ) {}

  @Post('intake')
  @Can('intake:write')
  @WithoutContext()
  @Accepts('application/json', 'application/xml', 'text/xml', 'application/fhir+json')
  @RendersErrors(renderScriptError)
  @ApiOperation({
    summary: 'Take in a prescription: JSON, FHIR R4 MedicationRequest (or Bundle), or NCPDP SCRIPT NewRx',
    description:
      'JSON and FHIR are answered 202 and may carry an `Idempotency-Key`. SCRIPT (2017071, 2023011) is answered HTTP 200 with ' +
      'Status 010 or Error 900, 503 with Error 602; a CancelRx with CancelRxResponse. What is refused before it is read, being too ' +
      'large or one too many, is an Error too, under the HTTP status of its kind. The same message gets the same answer.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, example: '0b7c3f1e-4f57-4a3c-9d62-6a1a9f5d2c11' })
  @ApiExtraModels(IntakeAccepted)
  @ApiAcceptedResponse({
    description: 'JSON and FHIR: kept; validation follows.',
    content: {
      'application/json': {
        schema: { $ref: getSchemaPath(IntakeAccepted) },
        example: acceptedExample,
      },
    },
  })
  @ApiOkResponse({
    description: 'SCRIPT: Status, Error or CancelRxResponse.',
    content: { 'application/xml': { schema: { type: 'string' }, examples: scriptAnswerExamples } },
  })
  @Example({ requests: intakeExamples })
  @Fails(
    ...bodyCodes,
    'request.malformed',
    'request.too-large',
    'request.unsupported-media-type',
    'idempotency.key-reused',
    'idempotency.key-invalid',
    'service.unavailable',
  )
  async receive(
    @Caller() principal: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return answered(reply, await this.intake.receive(incomingOf(principal, request)));
  }

  @Get('prescriptions/:id/original')
  @Can('originals:read')
  @ApiOperation({ summary: 'What came in, byte for byte, in its own content type (ops and administrators)' })
  @ApiProduces('application/json', 'application/xml', 'application/fhir+json')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  @Example({ responses: intakeExamples })
  @Fails('intake.original-not-found', 'prescription.not-found')
  async original(
    @Caller() principal: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { contentType, raw } = await this.originals.read(principal, id);
    reply.header('content-type', contentType).header('content-disposition', 'attachment; filename="original"');
    return raw;
  }
}

export function incomingOf(principal: Principal, request: FastifyRequest): Incoming {
  const key = request.headers['idempotency-key'];
  return {
    principal,
    contentType: request.headers['content-type'] ?? 'application/json',
    raw: request.rawBody ?? Buffer.alloc(0),
    body: request.body,
    idempotencyKey: Array.isArray(key) ? key.join(',') : key,
    request: request.requestContext,
  };
}

export function answered(reply: FastifyReply, answer: IntakeAnswer): string {
  reply.code(answer.status).header('content-type', answer.contentType);
  if (answer.replayed === true) reply.header('idempotent-replayed', 'true');
  if (answer.retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(answer.retryAfterSeconds));
  return answer.body;
}
