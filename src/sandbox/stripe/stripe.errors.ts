/** An answer in Stripe's error envelope; thrown by commands, turned into a response in one place. */
export class StripeRefusal extends Error {
  constructor(
    /** Fastify's own name, so that pages and admin routes answer it as well. */
    readonly statusCode: number,
    readonly type: string,
    message: string,
    readonly detail: { code?: string; param?: string; decline_code?: string; payment_intent?: object } = {},
  ) {
    super(message);
  }

  get body(): object {
    return { error: { type: this.type, message: this.message, ...this.detail } };
  }
}

export function invalid(message: string, detail: { code?: string; param?: string } = {}): StripeRefusal {
  return new StripeRefusal(400, 'invalid_request_error', message, detail);
}

export function noSuch(what: string, id: string): StripeRefusal {
  return new StripeRefusal(404, 'invalid_request_error', `No such ${what}: '${id}'`, {
    code: 'resource_missing',
    param: 'id',
  });
}
