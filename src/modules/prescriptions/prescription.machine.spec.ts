import { checkMachine, drawMachine } from '../../platform/state-machine/index.js';
import { beforePaid, eventOf, prescriptionMachine, states } from './prescription.machine.js';
import { trackingStatuses, trackingStatusOf } from './tracking-status.policy.js';

describe('the life of a prescription', () => {
  it('reaches every state and leaves all but the last', () => {
    expect(() => checkMachine('prescription', prescriptionMachine, states, ['completed', 'cancelled'])).not.toThrow();
  });

  it('names an event for every action', () => {
    expect(Object.keys(eventOf).sort()).toEqual(Object.keys(prescriptionMachine).sort());
  });

  it('is told trackers from the hand-over on, by every word of theirs', () => {
    const untold = states.filter((state) => trackingStatusOf(state) === null);
    expect(untold.toSorted()).toEqual([...beforePaid, 'paid'].toSorted());
    expect(new Set(states.map(trackingStatusOf).filter((word) => word !== null))).toEqual(new Set(trackingStatuses));
    expect(trackingStatusOf('constructor')).toBeNull();
  });

  it('can be drawn from its table', () => {
    expect(drawMachine(prescriptionMachine)).toContain('received --> validated: pass_validation');
  });

  it('finds a state nobody can reach', () => {
    expect(() => checkMachine('broken', { go: { from: ['a'], to: 'b' } }, ['a', 'b', 'c'], ['b'])).toThrow(
      /c is never reached/,
    );
  });
});
