export { Public, RequiresPermission } from './access-rule.js';
export { createHttpApp, serve, setApiPrefix, type HttpAppOptions } from './http-app.js';
export { HttpPlatformModule } from './http-platform.module.js';
export { Idempotent } from './idempotency.decorator.js';
export { IdempotencyStore } from './idempotency.store.js';
export { IdempotencyKey } from './idempotency-key.entity.js';
export { IsInstant } from './instant.js';
export { IsId } from './is-id.js';
export { Example, Fails } from './openapi.decorators.js';
export { Optional } from './optional.js';
export { buildOpenApi, type Areas } from './openapi.js';
export {
  cursorAt,
  defaultPageLimit,
  exampleCursor,
  IdCursor,
  knownPosition,
  PageLimit,
  pageOf,
  PositionCursor,
  positionedPage,
  positionOf,
  type Page,
  type PageRequest,
  type Position,
} from './paging.js';
export { isDeeperThan } from './raw-body.js';
export { RateLimitRow } from './rate-limit.entity.js';
export { RateLimits, type RateLimit } from './rate-limits.js';
export { requestContext, runInRequest, type RequestContext } from './request-context.js';
export {
  Accepts,
  RendersErrors,
  TakesBrokenText,
  WithoutContext,
  type ErrorRenderer,
  type ErrorStamp,
} from './route-config.js';
