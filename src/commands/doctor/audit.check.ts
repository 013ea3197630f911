import type { BadEntry, Unsealed } from '../../modules/audit/index.js';
import { recentEntries, Verifier, VerifierStore } from '../../modules/audit/index.js';
import { SystemClock } from '../../platform/clock/index.js';
import type { Database } from '../../platform/db/index.js';
import type { Finding } from './finding.js';

const area = 'audit trail';

/** The newest part of the trail; all of it is `npm run audit:verify`. */
export async function checkAudit(db: Database): Promise<Finding[]> {
  const verifier = new Verifier(new VerifierStore(db), new SystemClock());
  return auditFindings(await verifier.verifyRecent(recentEntries), await verifier.late());
}

export function auditFindings(bad: readonly BadEntry[], late: Unsealed): Finding[] {
  const findings: Finding[] = bad.map(({ organizationId, seq, fault }) => ({
    area,
    level: 'broken',
    found: `organization ${organizationId ?? 'none'}, seq ${seq}: ${fault}`,
    next: 'Keep database and anchor file as they are and run: npm run audit:verify',
  }));
  if (late.entries > 0) {
    findings.push({
      area,
      level: 'warn',
      found: `${late.entries} entries not sealed for over a minute`,
      next: 'Run a process with the role scheduler: it seals.',
    });
  }
  return findings.length > 0 ? findings : [{ area, level: 'ok', found: 'sealed, and what was sealed' }];
}
