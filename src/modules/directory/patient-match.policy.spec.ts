import { decideMatch, isIdentified, matchValuesOf, type PatientOnRecord } from './patient-match.policy.js';

const person = { firstName: 'Mary', lastName: "O'Neil", birthDate: '1980-02-29' };

const onRecord = (parts: Partial<PatientOnRecord>): PatientOnRecord => ({
  id: 'known',
  firstName: 'Mary',
  gender: null,
  externalId: null,
  sharesExternalId: false,
  sharesEmail: false,
  sharesPhone: false,
  sharesEmailBirth: false,
  sharesPhoneBirth: false,
  sharesNameBirthZip: false,
  ...parts,
});

describe('what a patient is found by', () => {
  it('is compared in one form, however it was written', () => {
    const one = { ...person, email: ' Mary@Example.com', phone: '(512) 555-0100', address: { zip: '78701-1234' } };
    const other = {
      ...person,
      lastName: 'ONEIL',
      email: 'mary@example.com',
      phone: '+15125550100',
      address: { zip: '78701' },
    };
    expect(matchValuesOf(one)).toEqual(matchValuesOf(other));
  });

  it('leaves out what cannot be used', () => {
    expect(matchValuesOf({ ...person, email: 'none', phone: '12', address: { zip: '7870' }, externalId: ' ' })).toEqual(
      {},
    );
  });

  it('has to be something beside name and birth date', () => {
    expect(isIdentified(person)).toBe(false);
    expect(isIdentified({ ...person, email: 'mary@example.com' })).toBe(true);
    expect(isIdentified({ ...person, email: 'mary@example.com', lastName: ' ' })).toBe(false);
    expect(isIdentified({ ...person, email: 'mary@example.com', birthDate: '29.2.1980' })).toBe(false);
  });
});

describe('the match', () => {
  it('trusts the external id before the email, the email before the phone, the phone before the name', () => {
    const rows = [
      onRecord({ id: 'name', sharesNameBirthZip: true }),
      onRecord({ id: 'phone', sharesPhone: true, sharesPhoneBirth: true }),
      onRecord({ id: 'email', sharesEmail: true, sharesEmailBirth: true }),
      onRecord({ id: 'external', firstName: 'Someone', sharesExternalId: true }),
    ];
    const order = ['external_id', 'email', 'phone', 'name'];
    for (const by of order) expect(decideMatch({ firstName: 'Mary' }, rows.splice(-1)).match?.by).toBe(by);
  });

  it.each([
    ['email', { sharesEmail: true }, 'email_other_birth_date'],
    ['phone', { sharesPhone: true }, 'phone_other_birth_date'],
  ])('never merges by an %s known with another birth date, and asks for a review', (_, shared, reason) => {
    expect(decideMatch({ firstName: 'Mary' }, [onRecord(shared)])).toEqual({
      reviews: [{ otherPatientId: 'known', reason }],
    });
  });

  it('does not take a twin for the patient, though everything but the first name agrees', () => {
    const twin = onRecord({ firstName: 'Emma', sharesEmail: true, sharesEmailBirth: true, sharesNameBirthZip: true });
    expect(decideMatch({ firstName: 'Mary' }, [twin])).toEqual({
      reviews: [{ otherPatientId: 'known', reason: 'first_name_differs' }],
    });
    const known = onRecord({ id: 'mary', sharesEmail: true, sharesEmailBirth: true });
    expect(decideMatch({ firstName: 'Mary' }, [twin, known])).toEqual({
      match: { row: known, by: 'email' },
      reviews: [],
    });
  });

  it.each([
    ['gender', { firstName: 'Daniela', gender: 'female' }, { firstName: 'Daniel', gender: 'male' }],
    ['number', { firstName: 'Anna', externalId: 'p-2' }, { firstName: 'Ann', externalId: 'p-1' }],
  ] as const)('takes no name for the short form of another when the %s differs', (_what, candidate, known) => {
    const row = onRecord({ ...known, sharesEmail: true, sharesEmailBirth: true });
    expect(decideMatch(candidate, [row])).toEqual({
      reviews: [{ otherPatientId: 'known', reason: 'first_name_differs' }],
    });
    const [key] = Object.keys(known).slice(-1);
    expect(decideMatch(candidate, [{ ...row, [key ?? '']: null }]).match?.by).toBe('email');
    expect(decideMatch({ ...candidate, firstName: known.firstName }, [row]).match?.by).toBe('email');
  });

  it('takes the same first name before an initial that is older', () => {
    const initial = onRecord({ id: 'initial', firstName: 'M.', sharesEmail: true, sharesEmailBirth: true });
    const same = onRecord({ id: 'same', sharesEmail: true, sharesEmailBirth: true });
    expect(decideMatch({ firstName: 'Mary' }, [initial, same]).match?.row.id).toBe('same');
    expect(decideMatch({ firstName: 'Mary' }, [initial]).match?.row.id).toBe('initial');
  });

  it('still notes a contact of someone else when another value finds the patient', () => {
    const parent = onRecord({ id: 'parent', sharesEmail: true });
    const child = onRecord({ id: 'child', sharesPhone: true, sharesPhoneBirth: true });
    expect(decideMatch({ firstName: 'Mary' }, [parent, child])).toEqual({
      match: { row: child, by: 'phone' },
      reviews: [{ otherPatientId: 'parent', reason: 'email_other_birth_date' }],
    });
  });

  it('asks about five others at most when a phone is shared by a whole house', () => {
    const house = Array.from({ length: 40 }, (_, index) => onRecord({ id: `${index}`, sharesPhone: true }));
    expect(decideMatch({ firstName: 'Mary' }, house).reviews).toHaveLength(5);
  });
});
