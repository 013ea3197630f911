import { ApiProperty } from '@nestjs/swagger';
import { defaultPageLimit, IdCursor, PageLimit, type Page } from '../../../platform/http/index.js';
import { states, type PrescriptionState } from '../../prescriptions/index.js';
import type { OpenSuggestion } from '../cancel-suggestions.service.js';

const exampleId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57';

export class ListCancelSuggestionsDto {
  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class CancelSuggestionDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ description: 'the prescription that may be meant', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58' })
  readonly prescriptionId: string;
  @ApiProperty({ enum: states, example: 'awaiting_payment' })
  readonly state: PrescriptionState;
  @ApiProperty({ description: 'the cancel message', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f59' })
  readonly messageId: string;
  @ApiProperty({ example: '2026-11-21T01:28:00.000Z' })
  readonly suggestedAt: string;

  constructor(suggestion: OpenSuggestion) {
    this.id = suggestion.id;
    this.prescriptionId = suggestion.prescriptionId;
    this.state = suggestion.state;
    this.messageId = suggestion.messageId;
    this.suggestedAt = suggestion.suggestedAt.toISOString();
  }
}

export class CancelSuggestionPageDto {
  @ApiProperty({ type: [CancelSuggestionDto] })
  readonly items: CancelSuggestionDto[];
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: Page<OpenSuggestion>) {
    this.items = items.map((suggestion) => new CancelSuggestionDto(suggestion));
    this.nextCursor = nextCursor;
  }
}
