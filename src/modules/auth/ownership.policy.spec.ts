import { isSeenBy, type Owned } from './ownership.policy.js';

const row: Owned = { organizationId: 'o', providerId: 'd', pharmacyId: 'p', patientId: 'x' };

describe('isSeenBy', () => {
  it.each([
    ['the platform', { role: 'system' }],
    ['staff of the organization', { role: 'ops', organization: 'o' }],
    ['its doctor', { role: 'doctor', organization: 'o', provider: 'd' }],
    ['its pharmacy', { role: 'pharmacy', organization: 'o', pharmacy: 'p' }],
    ['its patient', { role: 'patient', organization: 'o', patient: 'x' }],
  ])('lets %s see a row', (_who, context) => {
    expect(isSeenBy(context, row)).toBe(true);
  });

  it.each([
    ['nobody', {}],
    ['staff of another organization', { role: 'ops', organization: 'other' }],
    ['an auditor', { role: 'auditor', organization: 'o' }],
    ['another doctor', { role: 'doctor', organization: 'o', provider: 'other' }],
    ['a doctor with the id of the pharmacy', { role: 'doctor', organization: 'o', provider: 'p' }],
    ['its doctor in another organization', { role: 'doctor', organization: 'other', provider: 'd' }],
    ['a doctor without an id', { role: 'doctor', organization: 'o' }],
    ['a doctor with an empty id', { role: 'doctor', organization: 'o', provider: '' }],
  ])('does not let %s', (_who, context) => {
    expect(isSeenBy(context, row)).toBe(false);
  });

  it('lets no party see what names none', () => {
    const unnamed = { organizationId: 'o', providerId: null, pharmacyId: null, patientId: null };
    expect(isSeenBy({ role: 'patient', organization: 'o', patient: 'x' }, unnamed)).toBe(false);
    expect(isSeenBy({ role: 'patient', organization: 'o' }, unnamed)).toBe(false);
  });
});
