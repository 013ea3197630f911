import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { RendersErrors } from '../../platform/http/index.js';
import { problemPage, sendPage } from '../../platform/http/pages/index.js';
import { Public } from '../auth/index.js';
import { missingPage, trackingPage } from './pages/tracking.page.js';
import { exampleOrder } from './pages/tracking.example.js';
import { TrackedOrders } from './tracked-orders.js';

const { brand, supportPhone } = exampleOrder;

const page = (example: string) => ({ 'text/html': { schema: { type: 'string' }, example } });

@ApiTags('patient pages')
@Controller('t')
export class TrackingPageController {
  constructor(private readonly orders: TrackedOrders) {}

  @Get(':token')
  @Public()
  @RendersErrors(problemPage)
  @ApiOperation({ summary: 'Where an order is, for the patient: steps, times, estimate; no medicine, name or address' })
  @ApiParam({ name: 'token', example: 'q0sW8n2u4mJr5Vd1cKx7yTtEoZbLhPfG3iA6wRvQeYs' })
  @ApiOkResponse({ description: 'HTML', content: page(trackingPage(exampleOrder)) })
  @ApiNotFoundResponse({
    description: 'HTML: the link is unknown or has run out',
    content: page(missingPage(brand, supportPhone)),
  })
  async show(@Param('token') token: string, @Res() reply: FastifyReply): Promise<void> {
    sendPage(reply, await this.orders.page(token));
  }
}
