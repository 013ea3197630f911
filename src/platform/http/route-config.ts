import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiConsumes, ApiExtension } from '@nestjs/swagger';
import { rendererExtension } from './openapi.decorators.js';
import type { Problem } from './problem.js';

export interface RenderedError {
  status?: number;
  contentType: string;
  body: string;
}

/** What an error body carries of its own, where its format wants that. */
export interface ErrorStamp {
  id: string;
  at: Date;
}

/** Makes the error body of a route that does not speak problem+json, such as a SCRIPT Error or a page. */
export type ErrorRenderer = (
  problem: Problem,
  request: { headers: Readonly<Record<string, unknown>> },
  stamp: ErrorStamp,
) => RenderedError | undefined;

/** What the platform knows about a route before its controller runs: also for bodies that cannot be parsed. */
interface RouteSettings {
  accepts?: readonly string[];
  rendersErrors?: ErrorRenderer;
  withoutContext?: boolean;
  takesBrokenText?: boolean;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Of the `Clock`, for what answers without being a provider. */
    now(): Date;
  }
  interface FastifyContextConfig {
    accepts?: readonly string[];
    rendersErrors?: ErrorRenderer;
    withoutContext?: boolean;
    takesBrokenText?: boolean;
  }
}

const configKey = RouteConfig({}).KEY;

/** Adds to the route's settings instead of replacing them, so that decorators combine. */
function routeSettings(settings: RouteSettings): MethodDecorator {
  return (target, property, descriptor) => {
    const handler = descriptor.value as object;
    const known = (Reflect.getMetadata(configKey, handler) ?? {}) as RouteSettings;
    RouteConfig({ ...known, ...settings })(target, property, descriptor);
  };
}

export const defaultContentTypes: readonly string[] = ['application/json'];

/** Content types the route reads; everything else is 415. Without it a route reads application/json only. */
export function Accepts(...contentTypes: readonly [string, ...string[]]): MethodDecorator {
  return applyDecorators(routeSettings({ accepts: contentTypes }), ApiConsumes(...contentTypes));
}

/**
 * Lets the route answer errors in its own format. The renderer gets the finished problem and may answer undefined to leave
 * it as problem+json. It is asked for every error of the route: refused bodies and missing sign-in too; and for the examples of
 * the documentation.
 */
export function RendersErrors(renderer: ErrorRenderer): MethodDecorator {
  return applyDecorators(routeSettings({ rendersErrors: renderer }), ApiExtension(rendererExtension, { renderer }));
}

/**
 * For routes many call at once: what they call is told who asks, or enters the context itself where it may be asked for
 * (`runInRequest`). Spares every other promise of the process a price, see `Scope`.
 */
export function WithoutContext(): MethodDecorator {
  return routeSettings({ withoutContext: true });
}

/**
 * For doors of vendors: bytes that are no UTF-8 become U+FFFD instead of a refusal. The vendor would send the same bytes again
 * until it gives up, and the event would be lost over a letter of a city.
 */
export function TakesBrokenText(): MethodDecorator {
  return routeSettings({ takesBrokenText: true });
}
