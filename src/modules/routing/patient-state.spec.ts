import { stateOf } from './patient-state.js';

const received = new Date('2026-11-20T10:00:00Z');
const order = { patient: { address: { state: 'ca' } } };

describe('the state a licence is needed for', () => {
  it.each([
    ['the order’s', order, { state: 'NY', addressSetAt: null }, 'CA'],
    ['the one a person corrected since', order, { state: 'NY', addressSetAt: new Date('2026-11-21') }, 'NY'],
    ['the one on file when the order says none', { patient: {} }, { state: 'NY', addressSetAt: null }, 'NY'],
    ['the order’s for an unknown patient', order, undefined, 'CA'],
    ['unknown when nobody says', { patient: {} }, undefined, undefined],
  ])('is %s', (_, said, onFile, state) => {
    expect(stateOf(said, onFile, received)).toBe(state);
  });
});
