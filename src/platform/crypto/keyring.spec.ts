import { randomBytes } from 'node:crypto';
import { Keyring } from './index.js';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const index = randomBytes(32);
const place = { table: 'patients', column: 'profile_sealed', row: '1' };

describe('a keyring', () => {
  it('opens what it sealed, and never seals alike twice', () => {
    const ring = new Keyring(key('k1'), index);
    const sealed = ring.seal(place, 'Ana Müller');
    expect(ring.openText(place, sealed)).toBe('Ana Müller');
    expect(ring.seal(place, 'Ana Müller').equals(sealed)).toBe(false);
  });

  it.each([
    ['row', { ...place, row: '2' }],
    ['column', { ...place, column: 'other' }],
    ['table', { ...place, table: 'other' }],
  ])('refuses a value moved to another %s', (_, elsewhere) => {
    const ring = new Keyring(key('k1'), index);
    const sealed = ring.seal(place, 'x');
    expect(() => ring.open(elsewhere, sealed)).toThrow();
  });

  it('refuses a value with any byte changed', () => {
    const ring = new Keyring(key('k1'), index);
    const sealed = ring.seal(place, 'secret');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => ring.open(place, changed)).toThrow();
    }
  });

  it('opens what any of its keys sealed, while a new one is added last, then comes first, in one process after the other', () => {
    const [old, fresh] = [key('k1'), key('k2')];
    const steps = [old, `${old},${fresh}`, `${fresh},${old}`];
    const rings = steps.map((keys) => new Keyring(keys, index));
    for (const [at, ring] of rings.entries()) {
      for (const other of rings.slice(Math.max(0, at - 1), at + 2)) {
        expect(other.openText(place, ring.seal(place, 'x'))).toBe('x');
      }
    }
    expect(() => rings[0]?.open(place, rings[2]?.seal(place, 'x') ?? Buffer.alloc(0))).toThrow('not in the ring');
  });

  it('finds equal values by index, in their own scope only', () => {
    const ring = new Keyring(key('k1'), index);
    expect(ring.blindIndex('email', 'a@b.c')).toBe(ring.blindIndex('email', 'a@b.c'));
    expect(ring.blindIndex('email', 'a@b.c')).not.toBe(ring.blindIndex('phone', 'a@b.c'));
  });
});
