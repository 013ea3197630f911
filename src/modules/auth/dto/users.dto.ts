import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsEmail, IsIn, IsString, MaxLength, MinLength, ValidateIf } from 'class-validator';
import { defaultPageLimit, IdCursor, IsId, Optional, PageLimit } from '../../../platform/http/index.js';
import { longestPassword, shortestPassword } from '../passwords.js';
import { userRoles, type UserRole } from '../user.entity.js';

export class CreateUserRequest {
  @ApiProperty({ example: 'doctor@clinic.example' })
  @IsEmail()
  @MaxLength(254)
  email!: string;

  @ApiProperty({ minLength: shortestPassword, example: 'correct horse battery staple' })
  @IsString()
  @MinLength(shortestPassword)
  @MaxLength(longestPassword)
  password!: string;

  @ApiProperty({ enum: userRoles, example: 'doctor' })
  @IsIn(userRoles)
  role!: UserRole;

  @ApiPropertyOptional({ description: 'needed for doctors', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f51' })
  @Optional()
  @IsId()
  providerId?: string;

  @ApiPropertyOptional({ description: 'needed for pharmacy staff' })
  @Optional()
  @IsId()
  pharmacyId?: string;

  @ApiPropertyOptional({ description: 'needed for patients' })
  @Optional()
  @IsId()
  patientId?: string;
}

export class ChangeUserRequest {
  @ApiPropertyOptional({ enum: userRoles, example: 'ops' })
  @Optional()
  @IsIn(userRoles)
  role?: UserRole;

  @ApiPropertyOptional({ minLength: shortestPassword, example: 'another correct horse battery' })
  @ValidateIf(({ password }: ChangeUserRequest) => password !== undefined) // null is no password
  @IsString()
  @MinLength(shortestPassword)
  @MaxLength(longestPassword)
  password?: string;

  @ApiPropertyOptional({ description: 'true ends all sign-ins and refuses new ones', example: false })
  @Optional()
  @IsBoolean()
  disabled?: boolean;

  @ApiPropertyOptional()
  @Optional()
  @IsId()
  providerId?: string;

  @ApiPropertyOptional()
  @Optional()
  @IsId()
  pharmacyId?: string;

  @ApiPropertyOptional()
  @Optional()
  @IsId()
  patientId?: string;
}

export class UsersQuery {
  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class UserResponse {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  id!: string;

  @ApiProperty({ example: 'doctor@clinic.example' })
  email!: string;

  @ApiProperty({ enum: userRoles, example: 'doctor' })
  role!: UserRole;

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f51' })
  providerId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  pharmacyId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  patientId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  disabledAt!: string | null;

  @ApiProperty({ example: '2026-11-21T01:28:00.000Z' })
  createdAt!: string;

  @ApiProperty({ example: '2026-11-21T01:28:00.000Z' })
  updatedAt!: string;
}

export class UserPage {
  @ApiProperty({ type: [UserResponse] })
  items!: UserResponse[];

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  nextCursor!: string | null;
}
