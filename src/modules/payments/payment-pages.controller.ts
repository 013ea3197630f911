import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Inject } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Example } from '../../platform/http/index.js';
import { Public } from '../auth/index.js';
import { paymentPage } from './payment.page.js';

const html = 'text/html; charset=utf-8';

/** Where the payment page sends people back to. Both say nothing about anyone: the address is the same for all. */
@ApiTags('patient pages')
@Controller('t/payment')
export class PaymentPagesController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Get('done')
  @Public()
  @Header('content-type', html)
  @ApiOperation({ summary: 'Page shown after paying' })
  @ApiOkResponse({ description: 'HTML', content: { 'text/html': { schema: { type: 'string' } } } })
  @Example({ responses: { 'text/html': '<!doctype html>…' } })
  done(): string {
    return paymentPage(
      this.config,
      'Thank you',
      'Your payment is on its way to us. We will write to you as soon as your order moves on.',
    );
  }

  @Get('cancelled')
  @Public()
  @Header('content-type', html)
  @ApiOperation({ summary: 'Page shown when paying was broken off' })
  @ApiOkResponse({ description: 'HTML', content: { 'text/html': { schema: { type: 'string' } } } })
  @Example({ responses: { 'text/html': '<!doctype html>…' } })
  cancelled(): string {
    return paymentPage(
      this.config,
      'Nothing was paid',
      'Your order is kept. The link in our message still works until it runs out.',
    );
  }
}
