import { getMetadataStorage } from 'class-validator';
import '../../src/app.module.js';

/** Kept by class-validator per class; its types do not tell. */
interface Rules {
  validationMetadatas: Map<
    object,
    { name?: string; propertyName: string; target: { name: string; prototype: object } }[]
  >;
}

describe('a field that takes null as absence', () => {
  it('says in the document that it may be null', () => {
    const { validationMetadatas: rules } = getMetadataStorage() as unknown as Rules;
    const lenient = [...rules.values()].flat().filter(({ name }) => name === 'isOptional');
    const silent = lenient.filter(({ target, propertyName }) => {
      const shown = Reflect.getMetadata('swagger/apiModelProperties', target.prototype, propertyName) as
        { nullable?: boolean } | undefined;
      return shown?.nullable !== true;
    });
    expect(lenient.length).toBeGreaterThan(0);
    expect(silent.map(({ target, propertyName }) => `${target.name}.${propertyName}`)).toEqual([]);
  });
});
