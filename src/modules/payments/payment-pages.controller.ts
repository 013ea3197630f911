import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Inject } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Example } from '../../platform/http/index.js';
import { Public } from '../auth/index.js';
import { brokenOffPage, paidPage } from './payment.page.js';

const html = 'text/html; charset=utf-8';
const exampleConfig = { BRAND_NAME: 'Sunrise Health', SUPPORT_PHONE: '1-800-SUPPORT' };

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
  @Example({ responses: { 'text/html': paidPage(exampleConfig) } })
  done(): string {
    return paidPage(this.config);
  }

  @Get('cancelled')
  @Public()
  @Header('content-type', html)
  @ApiOperation({ summary: 'Page shown when paying was broken off' })
  @ApiOkResponse({ description: 'HTML', content: { 'text/html': { schema: { type: 'string' } } } })
  @Example({ responses: { 'text/html': brokenOffPage(exampleConfig) } })
  cancelled(): string {
    return brokenOffPage(this.config);
  }
}
