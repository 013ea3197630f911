import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { isId } from '../../platform/ids/index.js';
import { Organizations } from '../directory/index.js';
import { verifyHexHmac, verifySharedSecret, type SignatureVerdict } from '../webhooks/index.js';

export type CarePortalsSource = NonNullable<Config['CAREPORTALS_SOURCES']>[number];

export interface Proof {
  raw: Buffer;
  authorization: string | undefined;
  signature: string | undefined;
}

export const sourcePrefix = 'careportals';

/** Sources share nothing, so each has its own name in the inbox: its dedupe keys and its errors are its own. */
export function inboxSourceOf({ code }: Pick<CarePortalsSource, 'code'>): string {
  return `${sourcePrefix}.${code}`;
}

/** Who may call as which organization of CarePortals. */
@Injectable()
export class CarePortalsSources {
  readonly all: readonly CarePortalsSource[];

  constructor(
    private readonly organizations: Organizations,
    @Inject(CONFIG) config: Pick<Config, 'CAREPORTALS_SOURCES'>,
  ) {
    this.all = config.CAREPORTALS_SOURCES ?? [];
  }

  /** The source whose token or signature this is. Of both, what is sent must be right, and of one source. */
  prove(proof: Proof): { verdict: SignatureVerdict; source?: CarePortalsSource } {
    const verdicts = this.all.map((source) => ({ source, verdict: verdictOf(proof, source.secrets) }));
    const valid = verdicts.find(({ verdict }) => verdict === 'valid');
    return valid ?? { verdict: verdicts[0]?.verdict ?? 'unconfigured' };
  }

  /** Our organization of the source, by id or by its name. @returns undefined when there is none, or several of that name */
  async organizationOf(tx: Tx, { organization }: CarePortalsSource): Promise<string | undefined> {
    const all = await this.organizations.list(tx);
    const [found, ...others] = all.filter(({ id, name }) =>
      isId(organization) ? id === organization.toLowerCase() : name === organization,
    );
    return others.length === 0 ? found?.id : undefined;
  }
}

function verdictOf({ raw, authorization, signature }: Proof, secrets: readonly string[]): SignatureVerdict {
  const [, token] = /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? '') ?? [];
  const checks = [
    ...(signature === undefined ? [] : [verifyHexHmac({ header: signature, body: raw, secrets })]),
    ...(authorization === undefined ? [] : [verifySharedSecret(token, secrets)]),
  ];
  return checks.find((verdict) => verdict !== 'valid') ?? checks[0] ?? 'missing';
}
