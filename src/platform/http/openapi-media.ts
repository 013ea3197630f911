import type { OpenAPIObject } from '@nestjs/swagger';

export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Response = Operation['responses'][string];
export type Media = NonNullable<NonNullable<Extract<Response, { description: string }>['content']>[string]>;

/**
 * An XML document as OpenAPI describes one. Swagger UI then shows and sends the example as it is written; around a text it
 * would put a tag of its own.
 */
export function xmlSchemaOf(type: string, media: Media): Pick<Media, 'schema'> {
  const example = exampleIn(media);
  if (!/\bxml$/.test(type) || typeof example !== 'string') return {};
  const [, root] = /<([A-Za-z_][\w.-]*)/.exec(example) ?? [];
  return root === undefined ? {} : { schema: { type: 'object', xml: { name: root } } };
}

/** The one there is, or the first of several. */
function exampleIn({ example, examples }: Media): unknown {
  const [first] = Object.values(examples ?? {});
  return example ?? (first !== undefined && 'value' in first ? first.value : undefined);
}
