import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export const errorExtensionPrefix = 'x-error-';
export const examplesExtension = 'x-examples';
export const publicExtension = 'x-public';
/** Of the route's `ErrorRenderer`, in an object: Nest copies the value, and a copy of a function is none. */
export const rendererExtension = 'x-renders-errors';
export const permissionExtension = 'x-permission';

/**
 * Worked examples of an operation. Where the DTO's properties all have examples, these are not needed; each answer is the one to
 * the request shown beside it.
 */
export interface OperationExamples<Answer extends object = object> {
  /** The JSON body. */
  request?: unknown;
  /** Bodies by content type, for routes that read several. */
  requests?: Readonly<Record<string, unknown>>;
  /** The JSON body of the success answer. */
  response?: unknown;
  /**
   * What the JSON answers show otherwise than the examples of their DTO: of a thing that was just made, changed or ended.
   * Undefined: a field this answer lacks.
   */
  differs?: { readonly [Field in keyof Answer]?: Answer[Field] | undefined };
  /** Answers by content type. */
  responses?: Readonly<Record<string, unknown>>;
}

/**
 * The error codes an operation may answer beside those every operation shares. Stated several times they add up.
 * A code that no `defineErrors` knows stops `npm run openapi` and the architecture spec.
 */
export function Fails(...codes: readonly string[]): MethodDecorator {
  // One extension per code: Nest keeps the first value of an extension, so a list could not grow.
  return applyDecorators(...codes.map((code) => ApiExtension(`${errorExtensionPrefix}${code}`, true)));
}

export function Example<Answer extends object = object>(examples: OperationExamples<Answer>): MethodDecorator {
  return ApiExtension(examplesExtension, examples);
}
