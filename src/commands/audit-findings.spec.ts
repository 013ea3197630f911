import { auditFindings } from './audit-findings.js';
import { exitCodeOf, renderFindings } from './doctor/finding.js';

const sound: Parameters<typeof auditFindings>[0] = {
  chains: 2,
  entries: 10,
  bad: [],
  file: { path: 'data/audit-anchors.jsonl', state: 'present', lines: 4, unreadable: [], behind: 0 },
  late: { entries: 0, oldest: null },
};
const bad = { organizationId: null, seq: 3, id: null, fault: 'missing', foundBy: 'chain', provenUpTo: 0 } as const;

describe('what audit:verify says', () => {
  it('is good news only when chains, anchors and file agree and nothing waits', () => {
    expect(exitCodeOf(auditFindings(sound))).toBe(0);
    expect(exitCodeOf(auditFindings({ ...sound, bad: [bad] }))).toBe(1);
    expect(exitCodeOf(auditFindings({ ...sound, file: { ...sound.file, state: 'missing' } }))).toBe(1);
    expect(exitCodeOf(auditFindings({ ...sound, late: { entries: 1, oldest: new Date() } }))).toBe(1);
  });

  it('does not take half a line or a file that lags for a forgery', () => {
    const findings = auditFindings({ ...sound, file: { ...sound.file, unreadable: [7], behind: 1 } });
    expect(exitCodeOf(findings)).toBe(0);
    expect(renderFindings(findings)).toMatch(/unreadable line\(s\): 7/);
  });

  it('names the first bad row before everything else', () => {
    expect(auditFindings({ ...sound, bad: [bad] })[0]).toMatchObject({
      area: 'first bad row',
      found: expect.stringMatching(/^organization none, seq 3, id none: .*deleted/) as unknown,
    });
  });
});
