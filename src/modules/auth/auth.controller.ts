import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fails } from '../../platform/http/openapi.decorators.js';
import { Caller, Can, Public } from './access.js';
import { LoginRequest, MeResponse, RefreshRequest, TokenResponse } from './dto/auth.dto.js';
import type { Principal } from './principal.js';
import { Sessions, type TokenPair } from './sessions.service.js';

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(private readonly sessions: Sessions) {}

  @Post('login')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign in with address and password' })
  @ApiOkResponse({ type: TokenResponse })
  @Fails('auth.bad-credentials')
  async login(@Body() body: LoginRequest): Promise<TokenResponse> {
    return tokenResponse(await this.sessions.login(body.email, body.password));
  }

  @Post('refresh')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Exchange a refresh token for a new pair; using one twice ends the sign-in' })
  @ApiOkResponse({ type: TokenResponse })
  @Fails('auth.session-ended')
  async refresh(@Body() body: RefreshRequest): Promise<TokenResponse> {
    return tokenResponse(await this.sessions.refresh(body.refreshToken));
  }

  @Post('logout')
  @Can('account:read')
  @HttpCode(204)
  @ApiOperation({ summary: 'End this sign-in: its access and refresh tokens stop working within five seconds' })
  @ApiNoContentResponse()
  async logout(@Caller() caller: Principal): Promise<void> {
    if (caller.sessionId !== undefined) await this.sessions.logout(caller.sessionId);
  }

  @Get('me')
  @Can('account:read')
  @ApiOperation({ summary: 'Who am I, and what may I do' })
  @ApiOkResponse({ type: MeResponse })
  me(@Caller() caller: Principal): MeResponse {
    return {
      kind: caller.kind,
      id: caller.id,
      role: caller.role,
      organizationId: caller.organizationId,
      ...(caller.providerId !== undefined && { providerId: caller.providerId }),
      ...(caller.pharmacyId !== undefined && { pharmacyId: caller.pharmacyId }),
      ...(caller.patientId !== undefined && { patientId: caller.patientId }),
      permissions: [...caller.permissions].sort(),
    };
  }
}

function tokenResponse(pair: TokenPair): TokenResponse {
  return {
    accessToken: pair.accessToken,
    tokenType: 'Bearer',
    expiresIn: pair.expiresIn,
    refreshToken: pair.refreshToken,
    refreshExpiresAt: pair.refreshExpiresAt.toISOString(),
  };
}
