import { misfitAdvice } from '../../misfit-keys.js';
import { misfitKey, unusablePhones } from '../../modules/directory/index.js';
import { joinEventOfLetterSql } from '../../modules/webhooks/index.js';
import { SystemClock } from '../../platform/clock/index.js';
import type { Keyring } from '../../platform/crypto/index.js';
import { systemContext, type Database } from '../../platform/db/index.js';
import { isInDoubt } from '../../platform/effects/index.js';
import type { Finding } from './finding.js';

const shownIds = 5;

/** Keys that are not those of the database; everything else that is sealed would only fail in their wake. */
export async function checkKeys(db: Database, keyring: Keyring): Promise<Finding> {
  const misfit = await db.tx(systemContext, (tx) => misfitKey(tx, keyring), { readOnly: true });
  if (misfit === undefined) return { area: 'keys', level: 'ok', found: 'what is on file opens with them' };
  const found = `${misfit} is not the one this database was written with`;
  return { area: 'keys', level: 'broken', found, next: misfitAdvice[misfit] };
}

/** Patients' numbers that no text message can reach. SUPPORT_PHONE is display text and not looked at. */
export async function checkPhones(db: Database, keyring: Keyring): Promise<Finding[]> {
  let [checked, after] = [0, undefined as string | undefined];
  const ids: string[] = [];
  do {
    const from = after;
    const page = await db.tx(systemContext, (tx) => unusablePhones(tx, keyring, from), { readOnly: true });
    checked += page.checked;
    ids.push(...page.unusable);
    after = page.next;
  } while (after !== undefined);
  return [phonesFinding(checked, ids)];
}

export function phonesFinding(checked: number, ids: readonly string[]): Finding {
  if (ids.length === 0) return { area: 'phones', level: 'ok', found: `${checked} patient(s), no unusable phone` };
  const more = ids.length > shownIds ? ` and ${ids.length - shownIds} more` : '';
  return {
    area: 'phones',
    level: 'warn',
    found: `${ids.length} of ${checked} patient(s) have a phone that is not E.164`,
    next: `They get email only. Correct the phone of ${ids.slice(0, shownIds).join(', ')}${more}.`,
  };
}

export interface Failure {
  kind: 'dead letter' | 'unknown effect' | 'failed message';
  what: string;
  reason: string;
  items: number;
  oldest: Date;
  /** It belongs to no organization, so the lists of operations do not show it. */
  isNobodys: boolean;
}

const failuresSql = `
  SELECT 'dead letter' AS kind, d.subscriber AS what, d.reason, count(*)::int AS items, min(d.created_at) AS oldest,
      coalesce(d.organization_id, e.organization_id) IS NULL AS "isNobodys"
    FROM dead_letters d ${joinEventOfLetterSql('d', 'e')} WHERE d.redriven_at IS NULL GROUP BY 2, 3, 6
  UNION ALL
  SELECT 'unknown effect', kind, coalesce(error_code, 'unanswered'), count(*)::int, min(created_at), false
    FROM effects WHERE ${isInDoubt('$1')} GROUP BY 2, 3
  UNION ALL
  SELECT 'failed message', channel, coalesce(failure_code, 'unknown'), count(*)::int, min(created_at), false
    FROM notifications WHERE status = 'failed' GROUP BY channel, failure_code
  ORDER BY 1, 4 DESC`;

const advice: Readonly<Record<Failure['kind'], string>> = {
  'dead letter': 'Mend the cause, then POST /api/dead-letters/:id/redrive (GET /api/dead-letters lists them).',
  'unknown effect': 'The retries ask the vendor; when it stays, compare with the dashboard of the vendor.',
  'failed message':
    'Correct the address, then POST /api/notifications/:id/retry (GET /api/notifications?status=failed).',
};

export async function checkFailures(db: Database): Promise<Finding[]> {
  const now = new SystemClock().now();
  const failures = await db.tx(systemContext, (tx) => tx.query<Failure>(failuresSql, [now]), { readOnly: true });
  if (failures.length === 0) return [{ area: 'failed items', level: 'ok', found: 'none' }];
  return failures.map(failureFinding);
}

export function failureFinding({ kind, what, reason, items, oldest, isNobodys }: Failure): Finding {
  const whose = isNobodys ? ', of no organization' : '';
  const next = isNobodys ? `${advice[kind]} Only administrators see it there.` : advice[kind];
  return {
    area: 'failed items',
    level: 'warn',
    found: `${items} × ${kind}: ${what}, ${reason}${whose}; oldest ${oldest.toISOString()}`,
    next: reason === 'vendor.off' ? `Set the credentials of the vendor. ${next}` : next,
  };
}
