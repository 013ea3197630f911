import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Metrics } from '../../platform/metrics/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { FileReferences, FileStorage } from '../../platform/storage/index.js';
import { Audit } from '../audit/index.js';
import { sweepFilesEveryMs, sweepFilesJob, sweepFolderJob } from './maintenance.jobs.js';
import { filesPerRun, isUnbelievable, oldEnough } from './orphan-files.policy.js';

/** Deletes files no row names: a try crashed between storing the file and its row, or the row took another file. */
@Injectable()
export class OrphanFilesWorker implements OnModuleInit {
  private readonly countSwept: (labels: Record<'folder', string>, by?: number) => void;

  constructor(
    private readonly schedules: Schedules,
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly files: FileStorage,
    private readonly references: FileReferences,
    metrics: Metrics,
  ) {
    this.countSwept = metrics.counter(
      'pharmonico_files_swept_total',
      'Stored files deleted because no row named them',
      ['folder'],
    );
  }

  onModuleInit(): void {
    this.schedules.add({ job: sweepFilesJob, everyMs: sweepFilesEveryMs });
  }

  @Handles(sweepFilesJob)
  async begin(_payload: { slot: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      for (const folder of this.references.folders()) await this.enqueue(tx, run, { folder });
      await this.outbox.close(tx, run);
    });
  }

  /** @throws Unrecoverable `files.none-known` when the files do not look like those of this database */
  @Handles(sweepFolderJob)
  async sweep({ folder, after }: { folder: string; after?: string }, run: JobRun): Promise<void> {
    const page = await this.files.list(folder, { after, most: filesPerRun });
    const old = oldEnough(page, this.clock.now());
    const orphans = await this.db.tx(systemContext, (tx) => this.noted(tx, folder, old));
    for (const key of orphans) await this.files.remove(key);
    if (orphans.length > 0) this.countSwept({ folder }, orphans.length);
    await this.db.tx(systemContext, async (tx) => {
      const last = page.length === filesPerRun ? page.at(-1) : undefined;
      if (last !== undefined) await this.enqueue(tx, run, { folder, after: last.key });
      await this.outbox.close(tx, run);
    });
  }

  /** Recorded before anything is gone: a crash in between records more than it deletes, never less. */
  private async noted(tx: Tx, folder: string, old: readonly string[]): Promise<string[]> {
    const orphans = await this.references.unreferenced(tx, folder, old);
    if (isUnbelievable(old, orphans))
      throw new Unrecoverable('files.none-known', 'no old file of a page is known here');
    if (orphans.length > 0) {
      await this.audit.record(tx, {
        action: 'write',
        entity: 'stored_file',
        reason: `orphans-deleted:${folder}:${orphans.length}`,
      });
    }
    return orphans;
  }

  private async enqueue(tx: Tx, run: JobRun, payload: { folder: string; after?: string }): Promise<void> {
    const dedupeKey = `${sweepFolderJob.name} ${payload.folder} ${run.outboxId}`;
    await this.outbox.enqueue(tx, sweepFolderJob, payload, { dedupeKey });
  }
}
