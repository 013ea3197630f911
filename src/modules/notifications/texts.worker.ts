import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Handles } from '../../platform/jobs/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { reconcileTextsJob } from './notifications.jobs.js';
import { TextsReconciler } from './texts.reconciler.js';

@Injectable()
export class TextsWorker implements OnModuleInit {
  constructor(
    private readonly schedules: Schedules,
    private readonly reconciler: TextsReconciler,
    @Inject(CONFIG) private readonly config: Pick<Config, 'RECONCILE_EVERY_MS'>,
  ) {}

  onModuleInit(): void {
    this.schedules.add({ job: reconcileTextsJob, everyMs: this.config.RECONCILE_EVERY_MS });
  }

  @Handles(reconcileTextsJob)
  async reconcile({ slot }: { slot: string }): Promise<void> {
    await this.reconciler.run(slot);
  }
}
