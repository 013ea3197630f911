import { Body, Controller, Get, Header, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { IsEmail, IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Optional } from '../../../platform/http/index.js';
import type { Config } from '../../../../config/index.js';
import { CONFIG } from '../../../platform/config/index.js';
import { Accepts, RendersErrors, type RenderedError } from '../../../platform/http/route-config.js';
import type { Problem } from '../../../platform/http/problem.js';
import { Public } from '../access.js';
import { fail } from '../auth.errors.js';
import { longestPassword } from '../passwords.js';
import { Sessions } from '../sessions.service.js';
import { cookieSettings, isSameOrigin, safeNext } from './cookies.js';
import { loginPage } from './login.page.js';
import { SignedInPages } from './signed-in-pages.js';

export class LoginForm {
  @IsEmail()
  @MaxLength(254)
  email!: string;

  @IsString()
  @MaxLength(longestPassword)
  password!: string;

  @Optional()
  @IsString()
  @MaxLength(200)
  next?: string;
}

export class NextQuery {
  @Optional()
  @IsString()
  @MaxLength(200)
  next?: string;
}

/** Sign-in for pages: a cookie for eight hours instead of a bearer token. */
@ApiExcludeController()
@Controller('admin')
export class LoginController {
  constructor(
    private readonly sessions: Sessions,
    private readonly pages: SignedInPages,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('login')
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  form(@Query() query: NextQuery): string {
    return loginPage({ brand: this.config.BRAND_NAME, next: safeNext(query.next) });
  }

  @Post('login')
  @Public()
  @HttpCode(303)
  @Accepts('application/x-www-form-urlencoded')
  @RendersErrors(renderLoginError)
  async login(
    @Body() form: LoginForm,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (!isSameOrigin(request.headers)) throw fail('auth.cross-site');
    const session = await this.sessions.openPage(form.email, form.password);
    const { name, ...settings } = cookieSettings(this.config);
    reply.setCookie(name, session.cookie, { ...settings, maxAge: session.maxAgeSeconds });
    reply.header('location', safeNext(form.next));
  }

  @Post('logout')
  @Public()
  @HttpCode(303)
  @Accepts('application/x-www-form-urlencoded')
  async logout(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    if (!isSameOrigin(request.headers)) throw fail('auth.cross-site');
    const { name, ...settings } = cookieSettings(this.config);
    await this.pages.end(request);
    reply.clearCookie(name, settings);
    reply.header('location', '/admin/login');
  }
}

const sentences: Readonly<Record<string, string>> = {
  'auth.bad-credentials': 'The address or the password is wrong.',
  'request.invalid': 'Enter your address and your password.',
  'request.too-many': 'Too many tries. Wait some minutes and try again.',
  'auth.cross-site': 'Sign in from this page.',
};

/** People get the form again with a sentence; the status stays what it is. */
function renderLoginError(problem: Problem): RenderedError {
  const message = sentences[problem.code] ?? 'Signing in does not work at the moment. Try again shortly.';
  return {
    contentType: 'text/html; charset=utf-8',
    body: loginPage({ brand: 'Sign in', next: safeNext(undefined), message }),
  };
}
