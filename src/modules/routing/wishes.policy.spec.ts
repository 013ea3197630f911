import type { PrescriptionOrder } from '../prescriptions/index.js';
import type { ListedCandidate } from './recommendations.store.js';
import { namedPharmacies } from './wishes.policy.js';

const candidate = (pharmacyId: string, names: Pick<ListedCandidate, 'ncpdpId' | 'npi' | 'name'>) =>
  ({ pharmacyId, ...names }) as ListedCandidate;
const east = candidate('east', { ncpdpId: '4999001', npi: '1993999998', name: 'Cedar East' });
const west = candidate('west', { ncpdpId: '4999002', npi: '1993999998', name: 'Cedar West' });
const order = (pharmacy: PrescriptionOrder['pharmacy']) => ({ pharmacy }) as PrescriptionOrder;

describe('the pharmacies that were named', () => {
  it.each([
    ['by NCPDP id, though it shares its NPI', { ncpdpId: '4999002', npi: '1993999998' }, { doctor: 'west' }],
    ['by name alone', { name: 'cedar west' }, { doctor: 'west' }],
    ['by an NPI of two', { npi: '1993999998' }, { doctorUnknown: true }],
    ['by a name nobody has', { name: 'Birch' }, { doctorUnknown: true }],
    ['not at all', {}, {}],
  ])('hold the doctor’s %s', (_what, pharmacy, named) => {
    for (const candidates of [
      [east, west],
      [west, east],
    ])
      expect(namedPharmacies(candidates, order(pharmacy), undefined, undefined)).toEqual(named);
  });

  it('hold the one of the ticket before that of the order', () => {
    expect(namedPharmacies([east, west], order({ ncpdpId: '4999002' }), 'east', 'west')).toEqual({
      doctor: 'east',
      patient: 'west',
    });
    expect(namedPharmacies([east], order({ ncpdpId: '4999001' }), 'gone', undefined)).toEqual({ doctorUnknown: true });
  });
});
