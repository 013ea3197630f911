import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { newId } from '../ids/index.js';
import { IsId } from './is-id.js';
import { Optional } from './optional.js';

class Body {
  @Optional()
  @IsId()
  one?: unknown;

  @Optional()
  @IsId({ each: true })
  several?: unknown;
}

describe('IsId', () => {
  const id = newId();
  const read = (plain: object) => {
    const body = plainToInstance(Body, plain);
    return validateSync(body).length === 0 ? Object.entries(body) : 'refused';
  };

  it.each([
    [{}, {}],
    [{ one: id }, { one: id }],
    [{ one: id.toUpperCase() }, { one: id }],
    [{ several: [id.toUpperCase(), id] }, { several: [id, id] }],
  ])('reads %j', (plain, body) => {
    expect(read(plain)).toEqual(Object.entries(body));
  });

  it.each([{ one: 'ABC' }, { one: 7 }, { one: null }, { one: [id] }, { several: ['ABC'] }])('refuses %j', (plain) =>
    expect(read(plain)).toBe('refused'),
  );
});
