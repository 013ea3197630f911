import { addressedTo, type Addressed } from './receiver.policy.js';

describe('whom a NewRx is addressed to', () => {
  it.each<[string, string | undefined, string | undefined, string[], Addressed]>([
    ['no To', undefined, undefined, ['7000001'], 'here'],
    ['no mailboxes declared: a fixture of another network', '1234567', 'P', [], 'here'],
    ['its own NCPDP id', '7000001', 'P', ['7000001'], 'here'],
    ['its own mailbox in another case', 'lakeside.clinics', 'M', ['Lakeside.Clinics'], 'here'],
    ['its own mailbox without a qualifier', 'LAKESIDE', undefined, ['7000001', 'lakeside'], 'here'],
    ['another pharmacy', '1234567', 'P', ['7000001'], 'directory-decides'],
    ['a name without a qualifier', 'SurescriptsTestPharmacy', undefined, ['7000001'], 'directory-decides'],
    ['another mailbox', 'ELSEWHERE', 'M', ['7000001'], 'elsewhere'],
    ['a clinic', '1234567', 'C', ['7000001'], 'elsewhere'],
    ['a prescriber', '1234567890123', 'D', ['7000001'], 'elsewhere'],
    ['a directory', 'x', 'ZZZ', ['7000001'], 'elsewhere'],
    ['a qualifier nobody knows', '1234567', 'Q', ['7000001'], 'elsewhere'],
  ])('%s', (_, id, qualifier, mailboxes, expected) => {
    const to = id === undefined ? undefined : { id, ...(qualifier !== undefined && { qualifier }) };
    expect(addressedTo(to, mailboxes)).toBe(expected);
  });
});
