import { Controller, Get, Param, Post, Query, Req, Res, UploadedFiles, UseInterceptors } from '@nestjs/common';
import { FileFieldsInterceptor } from '@nestjs/platform-fastify/multipart';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Accepts, Public, RendersErrors } from '../../../platform/http/index.js';
import { problemPage, sendPage } from '../../../platform/http/pages/index.js';
import { cardFields, picturesOf, type CardFiles } from '../card-upload.js';
import { EnrollmentPages, sessionCookie, type PageRequest } from './enrollment-pages.service.js';

const form = 'application/x-www-form-urlencoded';

/** The enrollment for people: pages and forms, no script. */
@ApiExcludeController()
@Controller('enroll/:token')
export class EnrollmentPagesController {
  constructor(private readonly pages: EnrollmentPages) {}

  @Get()
  @Public()
  @RendersErrors(problemPage)
  async show(
    @Param('token') token: string,
    @Query('step') step: string | undefined,
    @Query('sent') sent: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.show({ ...pageRequest(token, request), codeSent: sent !== undefined }, step));
  }

  @Post('identity')
  @Public()
  @Accepts(form)
  @RendersErrors(problemPage)
  async identify(
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.identify(pageRequest(token, request)));
  }

  @Post('coverage')
  @Public()
  @Accepts('multipart/form-data')
  @RendersErrors(problemPage)
  @UseInterceptors(FileFieldsInterceptor(cardFields))
  async cover(
    @Param('token') token: string,
    @UploadedFiles() files: CardFiles | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.cover(pageRequest(token, request), picturesOf(files)));
  }

  @Post('code')
  @Public()
  @Accepts(form)
  @RendersErrors(problemPage)
  async sendCode(
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.sendCode(pageRequest(token, request)));
  }

  @Post('code/verify')
  @Public()
  @Accepts(form)
  @RendersErrors(problemPage)
  async answerCode(
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.answerCode(pageRequest(token, request)));
  }

  @Post('complete')
  @Public()
  @Accepts(form)
  @RendersErrors(problemPage)
  async complete(
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPage(reply, await this.pages.complete(pageRequest(token, request)));
  }
}

function pageRequest(token: string, request: FastifyRequest): PageRequest {
  const { headers, body, cookies } = request;
  return { token, headers, body, sessionToken: cookies[sessionCookie], userAgent: headers['user-agent'] };
}
