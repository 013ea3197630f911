import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { fail, type DomainError } from '../errors/index.js';

/** One thing wrong with the request. Values are never repeated: they may be patient data. */
export interface FieldProblem {
  /** JSON Pointer (RFC 6901) into the body or the query. */
  pointer: string;
  /** The rule that failed, in kebab case: `is-uuid`, `max-length`; `required` and `unknown-field`. */
  code: string;
  message: string;
}

const mostProblems = 50;
const longestPointer = 200;

/** Unknown fields are refused, everything wrong is reported at once. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: false,
    validationError: { target: false },
    exceptionFactory: invalidRequest,
  });
}

function invalidRequest(errors: readonly ValidationError[]): DomainError {
  return fail('request.invalid', { meta: { errors: fieldProblems(errors).slice(0, mostProblems) } });
}

export function fieldProblems(errors: readonly ValidationError[], parent = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    const pointer = `${parent}/${escapePointer(error.property)}`.slice(0, longestPointer);
    return [...ownProblems(error, pointer), ...fieldProblems(error.children ?? [], pointer)];
  });
}

/** A field that is missing breaks every rule it has, which says nothing more than that. */
function ownProblems({ constraints = {}, value }: ValidationError, pointer: string): FieldProblem[] {
  const rules = Object.entries(constraints);
  if (rules.length > 0 && value === undefined) {
    return [{ pointer, code: 'required', message: 'This field is required.' }];
  }
  return rules.map(([rule, message]) => problemOfRule(pointer, rule, message));
}

function problemOfRule(pointer: string, rule: string, message: string): FieldProblem {
  if (rule === 'whitelistValidation') {
    return { pointer, code: 'unknown-field', message: 'This field is not part of the request.' };
  }
  return { pointer, code: kebab(rule), message };
}

function kebab(rule: string): string {
  return rule.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^-/, '');
}

export function escapePointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
