import { Body, Controller, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Example, Fails, Idempotent } from '../../platform/http/index.js';
import { Caller, Can, type Principal } from '../auth/index.js';
import { earlyFillReasons } from '../prescriptions/order/index.js';
import { Corrections } from './corrections.service.js';
import { CorrectionAccepted, correctionExample, correctionSchema } from './dto/intake.dto.js';

@ApiTags('prescriptions')
@Controller('prescriptions/:id/resubmit')
export class CorrectionsController {
  constructor(private readonly corrections: Corrections) {}

  @Post()
  @HttpCode(200)
  @Can('prescriptions:write')
  @Idempotent()
  @ApiOperation({
    summary: 'Correct the order and send it through validation again',
    description:
      'JSON Merge Patch (RFC 7396) on the order, while validation, routing or the payer found an issue. Both versions stay; ' +
      'see `versions`. What follows validation is done again. Numbers of the message stay, and so does what it says of a digital ' +
      'signature, which falls with a correction of drug, patient, prescriber or date, or to a larger amount. ' +
      '`medication.earlyFillReason` (' +
      earlyFillReasons.join(', ') +
      ') lets a drug be filled before its last fill is used up.',
  })
  @ApiBody({ schema: correctionSchema })
  @ApiOkResponse({ type: CorrectionAccepted })
  @Example({ request: correctionExample })
  @Fails('intake.order-invalid', 'intake.correction-unchanged', 'prescription.not-found', 'prescription.illegal-action')
  async resubmit(
    @Caller() principal: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: unknown,
  ): Promise<CorrectionAccepted> {
    return { id, state: 'received', ...(await this.corrections.resubmit(principal, id, body)) };
  }
}
