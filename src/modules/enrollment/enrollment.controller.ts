import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  ParseUUIDPipe,
  Post,
  UploadedFiles,
  UseInterceptors,
} from '@nestjs/common';
import { FileFieldsInterceptor } from '@nestjs/platform-fastify/multipart';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Accepts, Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, Public, type Principal } from '../auth/index.js';
import { cardFields, picturesOf, type CardFiles } from './card-upload.js';
import {
  CodeAnswerRequest,
  CodeAnswerResponse,
  CodeRequest,
  CodeSentResponse,
  CompletedResponse,
  CompleteEnrollmentRequest,
  EnrollmentResponse,
  PicturesResponse,
  SentLinkResponse,
  SessionResponse,
  StoredCoverageResponse,
  VerifyRequest,
} from './dto/enrollment.dto.js';
import { choiceOf, enrollmentResponse, sentLinkResponse, storedCoverageResponse } from './dto/enrollment.mapping.js';
import { EnrollmentAccess } from './enrollment-access.js';
import { Enrollments } from './enrollments.service.js';
import { PatientEnrollment } from './patient-enrollment.service.js';

const sessionHeader = 'x-enrollment-session';
const NeedsSession = () =>
  ApiHeader({ name: 'X-Enrollment-Session', required: true, example: 'pV4i0mUqGJm7l8Vb8m2bJgVwq0rWzqf3z0l1c2d3e4f' });

const linkCodes = [
  'enrollment.link-not-found',
  'enrollment.link-used',
  'enrollment.link-revoked',
  'enrollment.link-locked',
  'enrollment.link-expired',
  'enrollment.link-withdrawn',
] as const;

@ApiTags('enrollment')
@Controller()
export class EnrollmentController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly enrollments: Enrollments,
    private readonly access: EnrollmentAccess,
    private readonly patient: PatientEnrollment,
  ) {}

  @Post('prescriptions/:id/enrollment')
  @Can('enrollment:write')
  @Idempotent()
  @ApiOperation({ summary: 'Starts the enrollment, or sends a new link; the older link is revoked' })
  @ApiCreatedResponse({ type: SentLinkResponse })
  @Fails('prescription.not-found', 'prescription.illegal-action', 'enrollment.patient-unknown')
  async send(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<SentLinkResponse> {
    return sentLinkResponse(await this.enrollments.send(caller, id));
  }

  @Get('enrollment/:token')
  @Public()
  @ApiOperation({ summary: 'What the link opens and what is needed; nothing about a person, and nothing changes' })
  @ApiOkResponse({ type: EnrollmentResponse })
  @Fails('enrollment.link-not-found')
  async look(@Param('token') token: string): Promise<EnrollmentResponse> {
    return enrollmentResponse(await this.patient.look(token), this.config.SUPPORT_PHONE);
  }

  @Post('enrollment/:token/verify')
  @HttpCode(200)
  @Public()
  @ApiOperation({
    summary: 'Opens a session of 30 minutes for who knows birth date and ZIP; five wrong tries revoke the link',
    description: 'Where the link asks for `lastName` because no ZIP is on file (`identity`), that stands for it.',
  })
  @Example({ request: { birthDate: '1980-02-29', zip: '78701' } })
  @ApiOkResponse({ type: SessionResponse })
  @Fails('enrollment.not-recognized', ...linkCodes)
  async verify(@Param('token') token: string, @Body() body: VerifyRequest): Promise<SessionResponse> {
    const session = await this.access.verify(token, body);
    return { sessionToken: session.token, expiresAt: session.expiresAt.toISOString() };
  }

  @Post('enrollment/:token/code')
  @HttpCode(202)
  @Public()
  @NeedsSession()
  @ApiOperation({ summary: 'Sends a one-time code to the phone or address on file' })
  @ApiAcceptedResponse({ type: CodeSentResponse })
  @Fails('enrollment.code-undeliverable', 'enrollment.session-required', ...linkCodes)
  async requestCode(
    @Param('token') token: string,
    @Headers(sessionHeader) session: string | undefined,
    @Body() body: CodeRequest,
  ): Promise<CodeSentResponse> {
    return { expiresAt: (await this.access.requestCode(token, session, body.channel)).toISOString() };
  }

  @Post('enrollment/:token/code/verify')
  @HttpCode(200)
  @Public()
  @NeedsSession()
  @ApiOperation({ summary: 'Answers the one-time code; the session may then see coverage on file' })
  @ApiOkResponse({ type: CodeAnswerResponse })
  @Fails('enrollment.code-wrong', 'enrollment.session-required', ...linkCodes)
  async answerCode(
    @Param('token') token: string,
    @Headers(sessionHeader) session: string | undefined,
    @Body() body: CodeAnswerRequest,
  ): Promise<CodeAnswerResponse> {
    await this.access.verifyCode(token, session, body.code);
    return { verified: true };
  }

  @Get('enrollment/:token/coverage')
  @Public()
  @NeedsSession()
  @ApiOperation({ summary: 'The coverage on file or sent by the prescriber, after the one-time code' })
  @ApiOkResponse({ type: StoredCoverageResponse })
  @Fails('enrollment.code-required', 'enrollment.no-coverage-on-file', 'enrollment.session-required', ...linkCodes)
  async storedCoverage(
    @Param('token') token: string,
    @Headers(sessionHeader) session: string | undefined,
  ): Promise<StoredCoverageResponse> {
    return storedCoverageResponse(await this.patient.storedCoverage(token, session));
  }

  @Post('enrollment/:token/insurance-cards')
  @Public()
  @NeedsSession()
  @Accepts('multipart/form-data')
  @UseInterceptors(FileFieldsInterceptor(cardFields))
  @ApiBody({
    schema: {
      type: 'object',
      properties: { front: { type: 'string', format: 'binary' }, back: { type: 'string', format: 'binary' } },
    },
  })
  @Example({ requests: { 'multipart/form-data': { front: '(a JPEG, PNG or WebP file)', back: '(another)' } } })
  @ApiOperation({ summary: 'Pictures of the insurance card; kept with the session until it is completed' })
  @ApiCreatedResponse({ type: PicturesResponse })
  @Fails('enrollment.picture-missing', 'enrollment.picture-type', 'enrollment.picture-too-large')
  @Fails('enrollment.picture-unreadable', 'enrollment.picture-refused', 'enrollment.picture-unscanned')
  @Fails('enrollment.session-required', ...linkCodes)
  async addPictures(
    @Param('token') token: string,
    @Headers(sessionHeader) session: string | undefined,
    @UploadedFiles() files: CardFiles | undefined,
  ): Promise<PicturesResponse> {
    return { received: await this.patient.addPictures(token, session, picturesOf(files)) };
  }

  @Post('enrollment/:token')
  @HttpCode(200)
  @Public()
  @NeedsSession()
  @ApiOperation({ summary: 'Completes the enrollment: coverage and consent; the link is used up' })
  @ApiOkResponse({ type: CompletedResponse })
  @Fails('enrollment.coverage-required', 'enrollment.coverage-ambiguous', 'enrollment.no-coverage-on-file')
  @Fails('enrollment.consent-outdated', 'enrollment.not-waiting', 'enrollment.session-required', ...linkCodes)
  async complete(
    @Param('token') token: string,
    @Headers(sessionHeader) session: string | undefined,
    @Headers('user-agent') userAgent: string | undefined,
    @Body() { coverage, consent }: CompleteEnrollmentRequest,
  ): Promise<CompletedResponse> {
    const given = { coverage: coverage && choiceOf(coverage), consentVersion: consent.version };
    await this.patient.complete(token, session, given, userAgent);
    return { status: 'complete' };
  }
}
