import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsIn, IsString, MaxLength, MinLength } from 'class-validator';
import { defaultPageLimit, IdCursor, IsInstant, Optional, PageLimit } from '../../../platform/http/index.js';
import { permissionNames, permissionsOf, type Permission } from '../permissions.js';

const scopes = permissionsOf.integrator;

export class CreateApiKeyRequest {
  @ApiProperty({ example: 'EHR bridge' })
  @IsString()
  @MinLength(1)
  @MaxLength(80)
  name!: string;

  @ApiProperty({ enum: scopes, isArray: true, example: ['intake:write', 'prescriptions:read'] })
  @ArrayMinSize(1)
  @ArrayMaxSize(permissionNames.length)
  @IsIn(permissionNames, { each: true })
  scopes!: Permission[];

  @ApiPropertyOptional({
    description: 'without it the key is good until it is revoked',
    example: '2027-11-21T00:00:00.000Z',
  })
  @Optional()
  @IsInstant()
  expiresAt?: Date;
}

export class ApiKeyResponse {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f60' })
  id!: string;

  @ApiProperty({ example: 'EHR bridge' })
  name!: string;

  @ApiProperty({ description: 'how the key begins', example: 'phk_m1pT4f0x' })
  prefix!: string;

  @ApiProperty({ enum: scopes, isArray: true, example: ['intake:write', 'prescriptions:read'] })
  scopes!: Permission[];

  @ApiProperty({ example: '2026-11-21T01:28:00.000Z' })
  createdAt!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  expiresAt!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'to the minute', example: '2026-11-21T02:00:00.000Z' })
  lastUsedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  revokedAt!: string | null;
}

export class ApiKeysQuery {
  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class ApiKeyPage {
  @ApiProperty({ type: [ApiKeyResponse] })
  items!: ApiKeyResponse[];

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f60' })
  nextCursor!: string | null;
}

export class CreatedApiKeyResponse extends ApiKeyResponse {
  @ApiProperty({ description: 'shown this once', example: 'phk_m1pT4f0x2b8E3m0S9nqW6rK5yV7cJ1hL0aZdXgUuQoI' })
  key!: string;
}
