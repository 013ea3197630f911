import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { InboundTextDto, InboundTextPageDto, ListInboundTextsDto } from './dto/inbound-text.dto.js';
import { InboundTexts } from './inbound-texts.service.js';

@ApiTags('notifications')
@Controller('inbound-texts')
export class InboundTextsController {
  constructor(private readonly texts: InboundTexts) {}

  @Get()
  @Can('notifications:read')
  @ApiOperation({ summary: 'What patients answered by text message, newest first' })
  @ApiOkResponse({ type: InboundTextPageDto })
  async list(
    @Caller() caller: Principal,
    @Query() { open, cursor, limit }: ListInboundTextsDto,
  ): Promise<InboundTextPageDto> {
    const isOpen = open === undefined ? undefined : open === 'true';
    return new InboundTextPageDto(await this.texts.list(caller, { open: isOpen, cursor, limit }));
  }

  @Post(':id/handle')
  @HttpCode(200)
  @Can('notifications:write')
  @ApiOperation({ summary: 'Mark a text that somebody has seen to' })
  @ApiParam({ name: 'id', example: '019a6f52-6c1a-7e55-9d4b-0b7c3f1e4f44' })
  @ApiOkResponse({ type: InboundTextDto })
  @Example<InboundTextDto>({ differs: { handledAt: '2026-11-20T14:40:00.000Z' } })
  @Fails('inbound-text.not-found')
  async handle(@Caller() caller: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<InboundTextDto> {
    return new InboundTextDto(await this.texts.handle(caller, id));
  }
}
