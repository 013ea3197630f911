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

  it('reads old values after a new master key came first, and rewraps them', () => {
    const old = key('k1');
    const sealed = new Keyring(old, index).seal(place, 'x');
    const rotated = new Keyring(`${key('k2')},${old}`, index);
    expect(rotated.openText(place, sealed)).toBe('x');
    const rewrapped = rotated.rewrap(place, sealed);
    expect(rewrapped && rotated.openText(place, rewrapped)).toBe('x');
    expect(rewrapped && rotated.rewrap(place, rewrapped)).toBeUndefined();
    expect(() => new Keyring(old, index).open(place, rewrapped ?? Buffer.alloc(0))).toThrow('not in the ring');
  });

  it('finds equal values by index, in their own scope only', () => {
    const ring = new Keyring(key('k1'), index);
    expect(ring.blindIndex('email', 'a@b.c')).toBe(ring.blindIndex('email', 'a@b.c'));
    expect(ring.blindIndex('email', 'a@b.c')).not.toBe(ring.blindIndex('phone', 'a@b.c'));
  });
});
