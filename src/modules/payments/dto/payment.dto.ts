import { ApiProperty } from '@nestjs/swagger';
import { paymentStatuses, type PaymentStatus } from '../payment.entity.js';
import type { PaymentState } from '../payments.service.js';

export class PaymentDto {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  readonly prescriptionId: string;

  @ApiProperty({ example: '019a6f40-11d2-7a31-8c55-4a4d3a9c0b11' })
  readonly invoiceId: string;

  @ApiProperty({ example: 'INV-000123' })
  readonly invoiceNumber: string;

  @ApiProperty({ enum: paymentStatuses, example: 'open' })
  readonly status: PaymentStatus;

  @ApiProperty({ example: 1500 })
  readonly amountCents: number;

  @ApiProperty({ example: 'USD' })
  readonly currency: string;

  @ApiProperty({ example: 0 })
  readonly refundedCents: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 1,
    description: 'Which link this is; null when nothing was owed',
  })
  readonly attempt: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'https://checkout.stripe.com/c/pay/cs_test_a1B2c3D4',
    description: 'Page to pay on, while it can be paid; for the patient and for staff that may make links',
  })
  readonly url: string | null;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-21T14:10:00.000Z' })
  readonly expiresAt: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly paidAt: string | null;

  constructor(state: PaymentState) {
    this.prescriptionId = state.prescriptionId;
    this.invoiceId = state.invoice.id;
    this.invoiceNumber = state.invoice.number;
    this.status = state.status;
    this.amountCents = state.invoice.amountCents;
    this.currency = state.invoice.currency;
    this.refundedCents = state.refundedCents;
    this.attempt = state.payment?.attempt ?? null;
    this.url = state.url;
    this.expiresAt = state.payment?.expiresAt.toISOString() ?? null;
    this.paidAt = (state.payment?.paidAt ?? state.invoice.paidAt)?.toISOString() ?? null;
  }
}
