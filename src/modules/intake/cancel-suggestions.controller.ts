import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller, Can, type Principal } from '../auth/index.js';
import { CancelSuggestions } from './cancel-suggestions.service.js';
import { CancelSuggestionPageDto, ListCancelSuggestionsDto } from './dto/cancel-suggestion.dto.js';

@ApiTags('intake')
@Controller('intake/cancel-suggestions')
export class CancelSuggestionsController {
  constructor(private readonly suggestions: CancelSuggestions) {}

  @Get()
  @Can('prescriptions:cancel')
  @ApiOperation({
    summary: 'Prescriptions a denied CancelRx may have meant, oldest first',
    description:
      'A CancelRx that names no message of ours is denied; where prescriber, patient, drug and written date agree with an open ' +
      'prescription of the organization, a person decides and cancels it, or leaves it. Ended prescriptions leave the list.',
  })
  @ApiOkResponse({ type: CancelSuggestionPageDto })
  async list(@Caller() caller: Principal, @Query() query: ListCancelSuggestionsDto): Promise<CancelSuggestionPageDto> {
    return new CancelSuggestionPageDto(await this.suggestions.show(caller, query));
  }
}
