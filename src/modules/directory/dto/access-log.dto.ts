import { ApiProperty } from '@nestjs/swagger';
import { defaultPageLimit, exampleCursor, PageLimit, PositionCursor, type Page } from '../../../platform/http/index.js';
import { accessActions, type AccessAction } from '../../audit/index.js';
import { accessorRoles, dataKinds, type Access, type AccessorRole, type DataKind } from '../access.policy.js';
import { exampleId, exampleInstant } from './page.dto.js';

export class AccessLogQuery {
  @PositionCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class AccessorDto {
  @ApiProperty({ enum: accessorRoles, example: 'doctor' })
  readonly role: AccessorRole;
  @ApiProperty({ description: 'of the doctor or pharmacy; of everybody else the organization', example: 'Ann Miller' })
  readonly name: string;
  @ApiProperty({ description: 'it was you', example: false })
  readonly self: boolean;

  constructor({ role, name, self }: Access['who']) {
    this.role = role;
    this.name = name;
    this.self = self;
  }
}

export class AccessDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ example: exampleInstant })
  readonly occurredAt: string;
  @ApiProperty({ type: AccessorDto })
  readonly who: AccessorDto;
  @ApiProperty({ enum: accessActions, description: '`search`: seen in a list with others', example: 'read' })
  readonly action: AccessAction;
  @ApiProperty({ enum: dataKinds, example: 'prescription' })
  readonly data: DataKind;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'your own address, or the network of somebody else; null where none was stored',
    example: '192.0.2.0/24',
  })
  readonly from: string | null;

  constructor({ id, occurredAt, who, action, data, from }: Access) {
    this.id = id;
    this.occurredAt = occurredAt.toISOString();
    this.who = new AccessorDto(who);
    this.action = action;
    this.data = data;
    this.from = from;
  }
}

export class AccessLogPageDto {
  @ApiProperty({ type: [AccessDto] })
  readonly items: AccessDto[];
  @ApiProperty({ type: String, nullable: true, example: exampleCursor })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: Page<Access>) {
    this.items = items.map((access) => new AccessDto(access));
    this.nextCursor = nextCursor;
  }
}
