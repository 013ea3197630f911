import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { anchorFileOf, type AnchorFile } from './anchor-file.js';
import type { AuditAnchor } from './audit-anchor.entity.js';
import { SealerStore } from './sealer.store.js';

const everyMs = 1_000;
const mostEntries = 1_000;

/** Seals what the trail has grown by: every second, and at once while a full batch waits. */
@Injectable()
export class Sealer implements OnModuleInit {
  private readonly file: AnchorFile;
  /** Heads the file does not have yet, by chain: an older one of a chain says nothing the newer does not. */
  private readonly unwritten = new Map<string, AuditAnchor>();
  private knowsHeads = false;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly store: SealerStore,
    private readonly schedules: Schedules,
    private readonly clock: Clock,
  ) {
    this.file = anchorFileOf(config);
  }

  onModuleInit(): void {
    this.schedules.repeat({ name: 'audit sealer', everyMs, run: () => this.seal() });
  }

  /** @returns whether more waits. @throws service.unavailable, or what the file system says about the anchor file */
  async seal(): Promise<boolean> {
    await this.recall();
    const seal = await this.store.seal(mostEntries, this.clock.now());
    for (const head of seal?.heads ?? []) this.unwritten.set(head.chain, head);
    await this.write();
    return seal?.sealed === mostEntries;
  }

  /** The process before may have ended between a seal and its line, so each begins by writing down where the chains stand. */
  private async recall(): Promise<void> {
    if (this.knowsHeads) return;
    for (const head of await this.store.heads()) this.unwritten.set(head.chain, head);
    this.knowsHeads = true;
  }

  private async write(): Promise<void> {
    if (this.unwritten.size === 0) return;
    await this.file.append([...this.unwritten.values()]);
    this.unwritten.clear();
  }
}
