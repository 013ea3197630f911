import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsEmail, IsString, MaxLength, MinLength } from 'class-validator';
import { permissionNames, permissionsOf, roleNames, type Permission, type Role } from '../permissions.js';
import { longestPassword } from '../passwords.js';

export class LoginRequest {
  @ApiProperty({ example: 'ops@clinic.example' })
  @IsEmail()
  @MaxLength(254)
  email!: string;

  @ApiProperty({ example: 'correct horse battery staple' })
  @IsString()
  @MinLength(1)
  @MaxLength(longestPassword)
  password!: string;
}

export class RefreshRequest {
  @ApiProperty({ example: 'm1pT4f0x2b8E3m0S9nqW6rK5yV7cJ1hL0aZdXgUuQoI' })
  @IsString()
  @MaxLength(100)
  refreshToken!: string;
}

export class TokenResponse {
  @ApiProperty({
    description: 'send as `Authorization: Bearer …`',
    example: 'eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln',
  })
  accessToken!: string;

  @ApiProperty({ example: 'Bearer' })
  tokenType!: 'Bearer';

  @ApiProperty({ description: 'seconds', example: 900 })
  expiresIn!: number;

  @ApiProperty({ description: 'good for one use', example: 'm1pT4f0x2b8E3m0S9nqW6rK5yV7cJ1hL0aZdXgUuQoI' })
  refreshToken!: string;

  @ApiProperty({ example: '2026-11-28T01:28:00.000Z' })
  refreshExpiresAt!: string;
}

export class MeResponse {
  @ApiProperty({ enum: ['user', 'api-key'], example: 'user' })
  kind!: 'user' | 'api-key';

  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  id!: string;

  @ApiProperty({ enum: roleNames, example: 'doctor' })
  role!: Role;

  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f50' })
  organizationId!: string;

  @ApiPropertyOptional({ description: 'doctors', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f51' })
  providerId?: string;

  @ApiPropertyOptional({ description: 'pharmacy staff' })
  pharmacyId?: string;

  @ApiPropertyOptional({ description: 'patients' })
  patientId?: string;

  @ApiProperty({ enum: permissionNames, isArray: true, example: [...permissionsOf.doctor].sort() })
  permissions!: Permission[];
}
