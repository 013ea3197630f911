import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Idempotent } from '../../platform/http/idempotency.decorator.js';
import { Example, Fails } from '../../platform/http/openapi.decorators.js';
import { Caller, Can } from './access.js';
import { ApiKeys, type ApiKeyRow } from './api-keys.service.js';
import {
  ApiKeyPage,
  ApiKeyResponse,
  ApiKeysQuery,
  CreateApiKeyRequest,
  CreatedApiKeyResponse,
} from './dto/api-keys.dto.js';
import type { Principal } from './principal.js';

@ApiTags('api-keys')
@Controller('api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeys) {}

  @Get()
  @Can('api-keys:write')
  @ApiOperation({
    summary: 'Keys of the organization, without the keys themselves: those that work first, then the newest',
  })
  @ApiOkResponse({ type: ApiKeyPage })
  async list(@Caller() caller: Principal, @Query() query: ApiKeysQuery): Promise<ApiKeyPage> {
    const { items, nextCursor } = await this.keys.list(caller, query);
    return { items: items.map(keyResponse), nextCursor };
  }

  @Post()
  @Can('api-keys:write')
  @Idempotent()
  @ApiOperation({ summary: 'Create a key for a program; the key is shown this once' })
  @ApiCreatedResponse({ type: CreatedApiKeyResponse })
  @Example<CreatedApiKeyResponse>({ differs: { expiresAt: '2027-11-21T00:00:00.000Z', lastUsedAt: null } })
  @Fails('api-key.scope-not-grantable')
  async create(@Caller() caller: Principal, @Body() body: CreateApiKeyRequest): Promise<CreatedApiKeyResponse> {
    const created = await this.keys.create(caller, { name: body.name, scopes: body.scopes, expiresAt: body.expiresAt });
    return Object.assign(keyResponse(created), { key: created.key });
  }

  @Delete(':id')
  @Can('api-keys:write')
  @HttpCode(204)
  @ApiParam({ name: 'id', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f60' })
  @ApiOperation({ summary: 'Revoke a key; it stops working within five seconds' })
  @ApiNoContentResponse()
  @Fails('api-key.not-found')
  async revoke(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    await this.keys.revoke(caller, id);
  }
}

function keyResponse(key: ApiKeyRow): ApiKeyResponse {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
  };
}
