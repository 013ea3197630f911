import { Injectable } from '@nestjs/common';
import type { Tx } from '../db/index.js';

/**
 * Who knows which files. A module that stores files names, in `onModuleInit`, the folder and the SQL by which its rows know
 * their keys. A folder nobody named is never swept.
 */
@Injectable()
export class FileReferences {
  private readonly known = new Map<string, string[]>();

  /** @param keysSql a SELECT of one column, the keys among `$1::text[]` that a row of the module names */
  register(folder: string, keysSql: string): void {
    this.known.set(folder, [...(this.known.get(folder) ?? []), keysSql]);
  }

  folders(): string[] {
    return [...this.known.keys()];
  }

  /** In one statement, because a key may move from one row to another between two. @throws Error for a folder nobody named */
  async unreferenced(tx: Tx, folder: string, keys: readonly string[]): Promise<string[]> {
    const selects = this.known.get(folder);
    if (selects === undefined) throw new Error(`nobody knows the files of ${folder}`);
    const rows = await tx.query<{ key: string }>(
      `SELECT key FROM unnest($1::text[]) AS key EXCEPT (${selects.join(' UNION ALL ')})`,
      [[...keys]],
    );
    return rows.map(({ key }) => key);
  }
}
