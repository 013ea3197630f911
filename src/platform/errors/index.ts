/**
 * Errors are codes. A module lists its codes once with the HTTP status and a sentence for people; services throw them,
 * `platform/http` renders them as application/problem+json, Swagger shows them as examples.
 */
export interface ErrorSpec {
  status: number;
  /** One sentence that says what is wrong and, where possible, what to do next. Never holds values. */
  title: string;
}

export interface ProblemExtras {
  /** A more precise sentence. Never patient data. */
  detail?: string;
  /** Further members of the problem document: ids, pointers, counts. */
  meta?: Readonly<Record<string, unknown>>;
  retryAfterSeconds?: number;
  cause?: unknown;
}

export class DomainError extends Error {
  readonly detail: string | undefined;
  readonly meta: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: string,
    readonly spec: ErrorSpec,
    extras: ProblemExtras = {},
  ) {
    super(`${code}: ${extras.detail ?? spec.title}`, { cause: extras.cause });
    this.name = 'DomainError';
    this.detail = extras.detail;
    this.meta = extras.meta;
    this.retryAfterSeconds = extras.retryAfterSeconds;
  }
}

/** Whether nothing was done. What stopped answering may have done it all the same. */
export function isRefusal(error: unknown): boolean {
  return error instanceof DomainError && error.code !== 'service.unavailable';
}

const catalog = new Map<string, ErrorSpec>();

/** Every code of the product with its specification; Swagger documents from it. */
export function errorCatalog(): ReadonlyMap<string, ErrorSpec> {
  return catalog;
}

/**
 * Registers a module's codes and answers a function that makes the errors: `throw fail('claim.not-found')`.
 * @throws Error when a code is defined twice.
 */
export function defineErrors<const T extends Readonly<Record<string, ErrorSpec>>>(specs: T) {
  for (const [code, spec] of Object.entries(specs)) {
    if (catalog.has(code)) throw new Error(`error code ${code} is defined twice`);
    catalog.set(code, spec);
  }
  return (code: keyof T & string, extras?: ProblemExtras): DomainError => {
    const spec = specs[code];
    if (spec === undefined) throw new Error(`unknown error code ${code}`);
    return new DomainError(code, spec, extras);
  };
}

/** Errors that belong to the machinery rather than to a module. */
export const fail = defineErrors({
  'request.invalid': {
    status: 400,
    title: 'The request does not have the documented form; see `errors` for each field.',
  },
  'request.malformed': { status: 400, title: 'The body cannot be read in the content type it declares.' },
  'request.too-large': { status: 413, title: 'The body is larger than this route accepts.' },
  'request.headers-too-large': { status: 431, title: 'The headers are larger than 16 KB together.' },
  'request.timeout': { status: 408, title: 'The request did not arrive in time; send it again.' },
  'request.unsupported-media-type': { status: 415, title: 'This route does not accept that content type or encoding.' },
  'request.not-found': { status: 404, title: 'There is no such thing here, or it is not yours to see.' },
  'request.method-not-allowed': { status: 405, title: 'This path does not answer that method.' },
  'request.conflict': { status: 409, title: 'Someone else changed this first; read it again and repeat.' },
  'request.too-many': { status: 429, title: 'Too many requests; wait as long as Retry-After says.' },
  'auth.required': { status: 401, title: 'Sign in first, or send a valid token or API key.' },
  'auth.forbidden': { status: 403, title: 'Your role or key does not allow this.' },
  'idempotency.key-reused': { status: 422, title: 'This Idempotency-Key was used with another body; use a new key.' },
  'idempotency.in-progress': { status: 409, title: 'The first request with this Idempotency-Key is still running.' },
  'idempotency.key-invalid': { status: 400, title: 'An Idempotency-Key has 1 to 255 printable ASCII characters.' },
  'service.unavailable': { status: 503, title: 'A part this needs does not answer at the moment; try again shortly.' },
  'service.unexpected': { status: 500, title: 'Something went wrong here. The request id helps us find it.' },
});
