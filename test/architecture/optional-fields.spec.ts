import { getMetadataStorage, validateSync } from 'class-validator';
import '../../src/app.module.js';

type Body = new () => Record<string, unknown>;

/** Kept by class-validator per class; its types do not tell. */
interface Rules {
  validationMetadatas: Map<object, { type: string; name?: string; propertyName: string; target: Body }[]>;
}

const { validationMetadatas } = getMetadataStorage() as unknown as Rules;
const rules = [...validationMetadatas.values()].flat();

function saysNullable({ target, propertyName }: { target: Body; propertyName: string }): boolean {
  const shown = Reflect.getMetadata('swagger/apiModelProperties', target.prototype as object, propertyName) as
    { nullable?: boolean } | undefined;
  return shown?.nullable === true;
}

const namesOf = (found: typeof rules) => [
  ...new Set(found.map(({ target, propertyName }) => `${target.name}.${propertyName}`)),
];

describe('a field that takes null as absence', () => {
  it('says in the document that it may be null', () => {
    const lenient = rules.filter(({ name }) => name === 'isOptional');
    expect(lenient.length).toBeGreaterThan(0);
    expect(namesOf(lenient.filter((rule) => !saysNullable(rule)))).toEqual([]);
  });

  it('takes it when the document says so', () => {
    const nullable = rules.filter(saysNullable);
    const refusing = nullable.filter(({ target, propertyName }) =>
      validateSync(Object.assign(new target(), { [propertyName]: null })).some(
        ({ property }) => property === propertyName,
      ),
    );
    expect(nullable.length).toBeGreaterThan(0);
    expect(namesOf(refusing)).toEqual([]);
  });
});

describe('a field that holds an object of ours', () => {
  it('takes no list in its place: a list of nothing passes ValidateNested', () => {
    const nested = rules.filter(({ type }) => type === 'nestedValidation');
    const objects = new Set(namesOf(rules.filter(({ name }) => name === 'isObject')));
    expect(nested.length).toBeGreaterThan(0);
    expect(namesOf(nested).filter((name) => !objects.has(name))).toEqual([]);
  });
});
