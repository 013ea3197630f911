import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database } from '../../platform/db/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { Organizations, type Organization } from '../directory/index.js';
import { shownSettings, type ShownSetting } from './settings.policy.js';

export interface SeenSettings {
  organization: Organization;
  /** Null for whom the installation is no matter of. */
  deployment: ShownSetting[] | null;
}

/** What is set, to look at: an organization's is changed in the directory, the installation's in its environment. */
@Injectable()
export class Settings {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly db: Database,
    private readonly organizations: Organizations,
  ) {}

  async seenBy(principal: Principal): Promise<SeenSettings> {
    const organization = await this.db.tx(contextOf(principal), (tx) =>
      this.organizations.get(tx, principal.organizationId),
    );
    return {
      organization,
      deployment: principal.permissions.has('deployment:read') ? shownSettings(this.config) : null,
    };
  }
}
