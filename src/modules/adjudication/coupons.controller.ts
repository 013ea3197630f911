import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller, Can, type Principal } from '../auth/index.js';
import { Coupons } from './coupons.service.js';
import { CouponPage, CouponRequest, CouponResponse, couponResponse, CouponsQuery } from './dto/coupons.dto.js';

@ApiTags('adjudication')
@Controller('coupons')
export class CouponsController {
  constructor(private readonly coupons: Coupons) {}

  @Get()
  @Can('directory:read')
  @ApiOperation({ summary: "The makers' cards billed as second payer, by product" })
  @ApiOkResponse({ type: CouponPage })
  async list(@Caller() caller: Principal, @Query() query: CouponsQuery): Promise<CouponPage> {
    const { items, nextCursor } = await this.coupons.list(caller, query);
    return { items: items.map(couponResponse), nextCursor };
  }

  @Post()
  @HttpCode(200)
  @Can('directory:write')
  @ApiOperation({ summary: "Creates or replaces the maker's card of a product; never billed beside government plans" })
  @ApiOkResponse({ type: CouponResponse })
  async put(@Caller() caller: Principal, @Body() body: CouponRequest): Promise<CouponResponse> {
    return couponResponse(await this.coupons.put(caller, body));
  }
}
