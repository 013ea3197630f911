import { ValidateIf } from 'class-validator';

/**
 * May be absent. Unlike with class-validator's `IsOptional`, null is not absence: it would empty a column, or be stored as a
 * value. `IsOptional` is for what may be null.
 */
export function Optional(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}
