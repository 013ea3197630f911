import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import {
  defaultPageLimit,
  exampleCursor,
  IsId,
  IsInstant,
  Optional,
  PageLimit,
  PositionCursor,
} from '../../platform/http/index.js';
import { actorKinds, auditActions, type ActorKind, type AuditAction, type AuditOutcome } from './audit-entry.entity.js';

export class AuditQuery {
  @ApiPropertyOptional({ description: 'user or API key', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  @Optional()
  @IsId()
  actorId?: string;

  @ApiPropertyOptional({ enum: auditActions, example: 'read' })
  @Optional()
  @IsIn(auditActions)
  action?: AuditAction;

  @ApiPropertyOptional({ example: 'prescription' })
  @Optional()
  @IsString()
  @MaxLength(60)
  entity?: string;

  @ApiPropertyOptional({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58' })
  @Optional()
  @IsId()
  entityId?: string;

  @ApiPropertyOptional({ description: 'from this instant on', example: '2026-11-01T00:00:00Z' })
  @Optional()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ description: 'before this instant', example: '2026-12-01T00:00:00Z' })
  @Optional()
  @IsInstant()
  to?: Date;

  @PositionCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class AuditEntryView {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f59' })
  id!: string;

  @ApiProperty({ example: '2026-11-21T01:28:00.000Z' })
  occurredAt!: string;

  @ApiProperty({ enum: actorKinds, example: 'user' })
  actorKind!: ActorKind;

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  actorId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'ops' })
  actorRole!: string | null;

  @ApiProperty({ enum: auditActions, example: 'read' })
  action!: AuditAction;

  @ApiProperty({ example: 'prescription' })
  entity!: string;

  @ApiProperty({ type: [String], example: ['019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58'] })
  entityIds!: string[];

  @ApiProperty({ enum: ['success', 'denied', 'failure'], example: 'success' })
  outcome!: AuditOutcome;

  @ApiProperty({ type: String, nullable: true, example: null })
  reason!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '0b7c3f1e-4f57-4a3c-9d62-6a1a9f5d2c11' })
  requestId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '192.0.2.10' })
  ip!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'position in the sealed chain', example: 4711 })
  seq!: number | null;
}

export class AuditPage {
  @ApiProperty({ type: [AuditEntryView] })
  items!: AuditEntryView[];

  @ApiProperty({ type: String, nullable: true, example: exampleCursor })
  nextCursor!: string | null;
}
