import type { EntityMetadata } from 'typeorm';
import { unseen } from './kept-plans.js';

export interface RowsOptions<E> {
  order?: Partial<Record<keyof E & string, 'ASC' | 'DESC'>>;
  limit?: number;
  /**
   * FOR NO KEY UPDATE: the rows stay as they are until the transaction ends. Rows that name them may be added meanwhile,
   * which a foreign key would wait for otherwise.
   */
  lock?: boolean;
}

const texts = new Map<string, string>();

/** SELECT of an entity's columns under its property names, by equality with `$1`, `$2`, … in the order of `keys`. */
export function selectText<E>(metadata: EntityMetadata, keys: readonly string[], options: RowsOptions<E>): string {
  const { order = {}, limit, lock = false } = options;
  const shape = `${metadata.tableName} ${keys.join()} ${JSON.stringify(order)} ${limit ?? ''} ${lock ? 'lock' : ''}`;
  const earlier = texts.get(shape);
  if (earlier !== undefined) return earlier;
  const text = [
    `SELECT ${metadata.columns.map((column) => `"${column.databaseName}" AS "${column.propertyName}"`).join(', ')}`,
    `FROM "${metadata.tableName}"`,
    keys.length > 0 && `WHERE ${keys.map((key, index) => equality(metadata, key, index + 1)).join(' AND ')}`,
    Object.keys(order).length > 0 &&
      `ORDER BY ${Object.entries(order)
        .map(([key, direction]) => `${columnOf(metadata, key)} ${String(direction)}`)
        .join(', ')}`,
    limit !== undefined && `LIMIT ${limit}`,
    lock && 'FOR NO KEY UPDATE',
  ];
  const joined = text.filter((part) => part !== false).join(' ');
  texts.set(shape, joined);
  return joined;
}

/** By an id of another row with the plan that is kept (see `kept-plans.ts`); by its own id PostgreSQL keeps it by itself. */
function equality(metadata: EntityMetadata, property: string, place: number): string {
  const { type, isPrimary } = known(metadata, property);
  const value = type === 'uuid' && !isPrimary ? unseen(place, type) : `$${place}`;
  return `${columnOf(metadata, property)} = ${value}`;
}

const columnOf = (metadata: EntityMetadata, property: string) => `"${known(metadata, property).databaseName}"`;

function known(metadata: EntityMetadata, property: string) {
  const column = metadata.findColumnWithPropertyName(property);
  if (column === undefined) throw new Error(`${metadata.name} has no property ${property}`);
  return column;
}
