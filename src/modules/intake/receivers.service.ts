import { Injectable } from '@nestjs/common';
import { BriefCache } from '../../platform/brief-cache/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { Organizations, Pharmacies } from '../directory/index.js';
import type { ScriptParty } from './formats/script.js';
import { addressedTo } from './receiver.policy.js';

/** A changed mailbox counts after this long; the intake of a busy sender does not ask for it every time. */
const keptMs = 3_000;
const mostKept = 1_000;

/** Knows which SCRIPT messages are for an organization (receiver.policy.ts). */
@Injectable()
export class Receivers {
  private readonly mailboxes = new BriefCache<readonly string[]>(keptMs, mostKept);

  constructor(
    private readonly db: Database,
    private readonly organizations: Organizations,
    private readonly pharmacies: Pharmacies,
  ) {}

  async include(organizationId: string, to: ScriptParty | undefined): Promise<boolean> {
    if (to === undefined) return true;
    const addressed = addressedTo(to, await this.mailboxesOf(organizationId));
    if (addressed !== 'directory-decides') return addressed === 'here';
    return this.db.tx(systemContext, (tx) => this.pharmacies.isAddress(tx, organizationId, to.id.trim()));
  }

  private mailboxesOf(organizationId: string): Promise<readonly string[]> {
    return this.mailboxes.get(organizationId, () =>
      this.db.tx(systemContext, async (tx) => (await this.organizations.get(tx, organizationId)).scriptMailboxes),
    );
  }
}
