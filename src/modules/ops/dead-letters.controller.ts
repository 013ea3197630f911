import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Example, Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import type { DeadLetterRow } from './dead-letters.store.js';
import { DeadLetters } from './dead-letters.service.js';
import { DeadLetterPage, DeadLetterResponse, DeadLettersQuery, deadLetterView } from './dto/dead-letters.dto.js';

@ApiTags('ops')
@Controller('dead-letters')
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLetters) {}

  @Get()
  @Can('dead-letters:read')
  @ApiOperation({ summary: 'Work that failed for good: what, why, since when; newest first' })
  @ApiOkResponse({ type: DeadLetterPage })
  async list(@Caller() principal: Principal, @Query() query: DeadLettersQuery): Promise<DeadLetterPage> {
    const { items, nextCursor } = await this.deadLetters.list(principal, query);
    return { items: items.map((row) => this.view(row)), nextCursor };
  }

  @Post(':id/redrive')
  @HttpCode(200)
  @Can('dead-letters:write')
  @ApiOperation({
    summary: 'Run the job again, with all its attempts',
    description: 'Mend the cause first, or do what `next` says. What it did before is not done again.',
  })
  @ApiOkResponse({ type: DeadLetterResponse })
  @Example<DeadLetterResponse>({
    differs: { redrivenAt: '2026-11-21T09:30:00.000Z', redrivenBy: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f5b' },
  })
  @Fails('dead-letter.not-found', 'dead-letter.already-redriven')
  async redrive(@Caller() principal: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<DeadLetterResponse> {
    return this.view(await this.deadLetters.redrive(principal, id));
  }

  private view(row: DeadLetterRow): DeadLetterResponse {
    return deadLetterView(row, this.deadLetters.adviceOn(row));
  }
}
