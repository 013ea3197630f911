import { copyFile } from 'node:fs/promises';
import type { Config } from '../../config/index.js';
import {
  anchorFileOf,
  Audit,
  AuditModule,
  Sealer,
  Verifier,
  type AnchorFile,
  type AuditRecord,
  type Verification,
} from '../../src/modules/audit/index.js';
import { CONFIG } from '../../src/platform/config/index.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import type { Sql } from './looker.js';
import { startTestPlatform, type TestPlatform } from './platform.js';

export interface Trail {
  platform: TestPlatform;
  sql: Sql;
  file: AnchorFile;
  dataDir: string;
  /** Entries of an organization, or of none. @returns their ids in the order of recording */
  record(entries: number, organizationId?: string, more?: Partial<AuditRecord>): Promise<void>;
  /** Everything that waits. */
  seal(): Promise<void>;
  verify(batch?: number): Promise<Verification>;
  /** Keeps trail, anchors and file, for `restore` after a tampering. */
  keep(): Promise<void>;
  restore(): Promise<void>;
}

/** The trail and its chain; nothing seals but the test. */
export async function startTrail(): Promise<Trail> {
  const platform = await startTestPlatform({ imports: [AuditModule] });
  const { sql } = platform;
  const config = platform.context.get<Config>(CONFIG);
  const file = anchorFileOf(config);
  const kept = `${file.path}.kept`;
  const record: Trail['record'] = async (entries, organizationId, more = {}) => {
    for (let count = 0; count < entries; count += 1) {
      await platform.get(Database).tx(systemContext, (tx) =>
        platform.get(Audit).record(tx, {
          action: 'read',
          entity: 'patient',
          entityIds: [newId(), newId()],
          ...(organizationId !== undefined && { organizationId }),
          ...more,
        }),
      );
    }
  };
  return {
    platform,
    sql,
    file,
    dataDir: config.DATA_DIR,
    record,
    seal: async () => {
      while (await platform.get(Sealer).seal());
    },
    verify: (batch) => platform.get(Verifier).verify(file, batch),
    keep: async () => {
      await sql('CREATE TABLE kept_entries AS TABLE audit_entries');
      await sql('CREATE TABLE kept_anchors AS TABLE audit_anchors');
      await copyFile(file.path, kept);
    },
    restore: async () => {
      await sql('TRUNCATE audit_entries, audit_anchors');
      await sql('INSERT INTO audit_entries SELECT * FROM kept_entries');
      await sql('INSERT INTO audit_anchors SELECT * FROM kept_anchors');
      await copyFile(kept, file.path);
    },
  };
}
