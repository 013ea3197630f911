import { Body, Controller, Get, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Idempotent } from '../../platform/http/idempotency.decorator.js';
import { Example, Fails } from '../../platform/http/openapi.decorators.js';
import { pageOf } from '../../platform/http/paging.js';
import { Caller, Can } from './access.js';
import { ChangeUserRequest, CreateUserRequest, UserPage, UserResponse, UsersQuery } from './dto/users.dto.js';
import type { Principal } from './principal.js';
import { Users, type UserRow } from './users.service.js';

@ApiTags('users')
@Controller('users')
export class UsersController {
  constructor(private readonly users: Users) {}

  @Get()
  @Can('users:write')
  @ApiOperation({ summary: 'Accounts of the organization, oldest first' })
  @ApiOkResponse({ type: UserPage })
  async list(@Caller() caller: Principal, @Query() query: UsersQuery): Promise<UserPage> {
    const rows = await this.users.list(caller, { after: query.cursor, limit: query.limit + 1 });
    const { items, nextCursor } = pageOf(rows, query.limit);
    return { items: items.map(userResponse), nextCursor };
  }

  @Post()
  @Can('users:write')
  @Idempotent()
  @ApiOperation({ summary: 'Create an account in the organization' })
  @ApiCreatedResponse({ type: UserResponse })
  @Example<UserResponse>({
    request: { email: 'dispatch@clinic.example', password: 'correct horse battery staple', role: 'ops' },
    differs: { email: 'dispatch@clinic.example', role: 'ops', providerId: null },
  })
  @Fails('user.email-taken', 'user.link-missing', 'user.link-unknown')
  async create(@Caller() caller: Principal, @Body() body: CreateUserRequest): Promise<UserResponse> {
    return userResponse(await this.users.create(caller, body));
  }

  @Patch(':id')
  @Can('users:write')
  @ApiParam({ name: 'id', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  @ApiOperation({ summary: 'Change role, password or standing of an account; its sign-ins end' })
  @ApiOkResponse({ type: UserResponse })
  @Example<UserResponse>({ differs: { role: 'ops', providerId: null, updatedAt: '2026-11-21T09:30:00.000Z' } })
  @Fails('user.not-found', 'user.link-missing', 'user.link-unknown', 'user.own-account')
  async change(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: ChangeUserRequest,
  ): Promise<UserResponse> {
    return userResponse(await this.users.change(caller, id, body));
  }
}

function userResponse(user: UserRow): UserResponse {
  return {
    id: user.id,
    email: user.email,
    role: user.role,
    providerId: user.providerId,
    pharmacyId: user.pharmacyId,
    patientId: user.patientId,
    disabledAt: user.disabledAt?.toISOString() ?? null,
    createdAt: user.createdAt.toISOString(),
    updatedAt: user.updatedAt.toISOString(),
  };
}
