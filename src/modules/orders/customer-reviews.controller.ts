import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Example, Fails } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { ListReviewsDto, resolvedExample, ResolveReviewDto } from '../directory/index.js';
import { CustomerReviews } from './customer-reviews.service.js';
import { CustomerReviewDto, CustomerReviewPageDto } from './dto/customer-review.dto.js';
import { exampleId } from './dto/order.dto.js';

@ApiTags('orders')
@Controller('customers/reviews')
export class CustomerReviewsController {
  constructor(private readonly reviews: CustomerReviews) {}

  @Get()
  @Can('orders:read')
  @ApiOperation({ summary: 'CarePortals customers who may be one, oldest doubt first' })
  @ApiOkResponse({ type: CustomerReviewPageDto })
  async list(@Caller() caller: Principal, @Query() query: ListReviewsDto): Promise<CustomerReviewPageDto> {
    return new CustomerReviewPageDto(await this.reviews.list(caller, query));
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @Can('orders:write')
  @ApiOperation({ summary: 'Note what a person found out about two customers' })
  @ApiParam({ name: 'id', example: exampleId })
  @ApiOkResponse({ type: CustomerReviewDto })
  @Example<CustomerReviewDto>({ differs: resolvedExample })
  @Fails('customer-review.not-found', 'customer-review.already-resolved')
  async resolve(
    @Caller() caller: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() { resolution }: ResolveReviewDto,
  ): Promise<CustomerReviewDto> {
    return new CustomerReviewDto(await this.reviews.resolve(caller, id, resolution));
  }
}
