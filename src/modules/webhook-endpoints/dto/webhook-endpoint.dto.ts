import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
} from 'class-validator';
import { webhookEventNames, type WebhookEventName } from '../event-catalog.js';
import { disabledReasons, type DisabledReason, type WebhookEndpoint } from '../webhook-endpoint.entity.js';

export const endpointIdExample = '019a6f50-2c1a-7e55-9d4b-0b7c3f1e4f21';
const timeExample = '2026-11-20T14:15:22.000Z';
const longestUrl = 2_000;
const longestDescription = 200;
const urlNote = 'https, a public address, no user name; http outside production only';
const eventsNote = 'Names of events; null for every event, those of later versions too';

export class CreateWebhookEndpointDto {
  @ApiProperty({ example: 'https://hooks.example.com/pharmonico', maxLength: longestUrl, description: urlNote })
  @IsString()
  @MinLength(1)
  @MaxLength(longestUrl)
  url!: string;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'EHR, production', maxLength: longestDescription })
  @IsOptional()
  @IsString()
  @MaxLength(longestDescription)
  description?: string | null;

  @ApiPropertyOptional({
    enum: webhookEventNames,
    isArray: true,
    nullable: true,
    example: ['payment_successful', 'delivered'],
    description: eventsNote,
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(webhookEventNames.length)
  @ArrayUnique()
  @IsIn(webhookEventNames, { each: true })
  events?: WebhookEventName[] | null;
}

/** What is absent stays as it is. */
export class ChangeWebhookEndpointDto extends PartialType(CreateWebhookEndpointDto, { skipNullProperties: false }) {}

export class WebhookEndpointDto {
  @ApiProperty({ example: endpointIdExample })
  readonly id: string;

  @ApiProperty({ example: 'https://hooks.example.com/pharmonico' })
  readonly url: string;

  @ApiProperty({ type: String, nullable: true, example: 'EHR, production' })
  readonly description: string | null;

  @ApiProperty({
    type: [String],
    nullable: true,
    example: ['payment_successful', 'delivered'],
    description: eventsNote,
  })
  readonly events: string[] | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Until then the former secret signs as well',
  })
  readonly previousSecretUntil: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'The first failure since the last success; after five days the endpoint is disabled',
  })
  readonly failingSince: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Since then it gets nothing; what happens is held for it',
  })
  readonly disabledAt: string | null;

  @ApiProperty({
    enum: disabledReasons,
    nullable: true,
    example: null,
    description: '`failing`: five days without one success; `gone`: it answered 410',
  })
  readonly disabledReason: DisabledReason | null;

  @ApiProperty({ example: timeExample })
  readonly createdAt: string;

  @ApiProperty({ example: timeExample })
  readonly updatedAt: string;

  constructor(endpoint: WebhookEndpoint) {
    this.id = endpoint.id;
    this.url = endpoint.url;
    this.description = endpoint.description;
    this.events = endpoint.events;
    this.previousSecretUntil = endpoint.previousValidUntil?.toISOString() ?? null;
    this.failingSince = endpoint.failingSince?.toISOString() ?? null;
    this.disabledAt = endpoint.disabledAt?.toISOString() ?? null;
    this.disabledReason = endpoint.disabledReason;
    this.createdAt = endpoint.createdAt.toISOString();
    this.updatedAt = endpoint.updatedAt.toISOString();
  }
}

export class WebhookEndpointSecretDto extends WebhookEndpointDto {
  @ApiProperty({
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    description: 'To verify our signatures with; shown this once',
  })
  readonly secret: string;

  constructor({ endpoint, secret }: { endpoint: WebhookEndpoint; secret: string }) {
    super(endpoint);
    this.secret = secret;
  }
}

export class WebhookEndpointListDto {
  @ApiProperty({ type: [WebhookEndpointDto] })
  readonly items: WebhookEndpointDto[];

  constructor(endpoints: readonly WebhookEndpoint[]) {
    this.items = endpoints.map((endpoint) => new WebhookEndpointDto(endpoint));
  }
}
