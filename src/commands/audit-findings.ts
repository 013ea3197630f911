import { lateAfterMs, type BadEntry, type Fault, type Verification } from '../modules/audit/index.js';
import type { Finding } from './doctor/finding.js';

const faults: Readonly<Record<Fault, string>> = {
  missing: 'there is no such entry: it was deleted, or moved to another place',
  altered: 'the entry is not the one that was sealed',
  rebuilt: 'sealed with another hash: this entry or one before it was changed and the chain computed anew',
  forged: 'the sealer gives no such number',
  unanchored: 'an entry behind the last seal: it was numbered by hand, or anchors were deleted',
};

const foundIn: Readonly<Record<BadEntry['foundBy'], string>> = {
  chain: 'by its hash',
  anchors: 'by audit_anchors',
  file: 'by the anchor file',
};

const shownLines = 5;

/** What `npm run audit:verify` has to say, the first bad row first. */
export function auditFindings(verification: Verification): Finding[] {
  return [
    ...verification.bad.map(badFinding),
    ...(verification.bad.length > 0 ? [] : [soundFinding(verification)]),
    ...fileFindings(verification),
    lateFinding(verification),
    {
      area: 'limits',
      level: 'note',
      found: 'What was changed before it was sealed, within about a second, is not found by this.',
    },
  ];
}

/** In one line, which a table would break. */
export function auditSummary({ bad: [first] }: Verification, exitCode: 0 | 1): string {
  if (first !== undefined) return `First bad row: ${placeOf(first)}: ${faults[first.fault]}.`;
  return exitCode === 0 ? 'The audit trail is what was sealed.' : 'The audit trail is not proven.';
}

function badFinding(entry: BadEntry): Finding {
  const { fault, foundBy, provenUpTo } = entry;
  const proof = provenUpTo === 0 ? 'Nothing of this chain is confirmed' : `Confirmed up to seq ${provenUpTo}`;
  return {
    area: 'first bad row',
    level: 'broken',
    found: `${placeOf(entry)}: ${faults[fault]} (found ${foundIn[foundBy]})`,
    next: `${proof}; keep database and anchor file as they are and compare with a backup.`,
  };
}

function placeOf({ organizationId, seq, id }: BadEntry): string {
  return `organization ${organizationId ?? 'none'}, seq ${seq}, id ${id ?? 'none'}`;
}

function soundFinding({ chains, entries }: Verification): Finding {
  return { area: 'chains', level: 'ok', found: `${entries} entries in ${chains} chain(s), anchors agree` };
}

function fileFindings({ file }: Verification): Finding[] {
  const area = 'anchor file';
  if (file.state === 'missing') {
    const next =
      'Set AUDIT_ANCHOR_FILE to the file of the scheduler; without it a chain rebuilt with its anchors looks sound.';
    return [{ area, level: 'broken', found: `${file.path} has no seal, the database has`, next }];
  }
  const findings: Finding[] = [{ area, level: 'ok', found: `${file.path}: ${file.lines} line(s) compared` }];
  if (file.unreadable.length > 0) {
    const numbers = file.unreadable.slice(0, shownLines).join(', ');
    const next = 'A crash may leave half a line; anything else was changed by hand.';
    findings.push({ area, level: 'warn', found: `${file.unreadable.length} unreadable line(s): ${numbers}`, next });
  }
  if (file.behind > 0) {
    const next =
      'The scheduler writes it when it starts and at the next seal; another scheduler may have a file of its own.';
    findings.push({ area, level: 'note', found: `the last seals of ${file.behind} chain(s) are not in it`, next });
  }
  return findings;
}

function lateFinding({ late }: Verification): Finding {
  const area = 'unsealed';
  const limit = `${lateAfterMs / 1_000} s`;
  if (late.entries === 0 || late.oldest === null) return { area, level: 'ok', found: `nothing older than ${limit}` };
  return {
    area,
    level: 'broken',
    found: `${late.entries} entries are older than ${limit}, the oldest of ${late.oldest.toISOString()}`,
    next: 'Nothing guards them: see that a process with the role scheduler runs, and what its log says of the audit sealer.',
  };
}
