import { isStateCode, lookupZip, milesBetweenZips, zip5Of, zipAgainstState, zipCentroid } from './zip.js';

describe('ZIP codes', () => {
  it('knows state, city and middle of a ZIP and of a ZIP+4', () => {
    expect(lookupZip('78701-1234')).toMatchObject({ zip5: '78701', state: 'TX', city: 'Austin' });
    expect(zipCentroid('78701')).toMatchObject({ precision: 'zip5' });
  });

  it.each(['7870', '787011', 'M5V 2T6', '78701-12', ''])('refuses "%s"', (zip) => {
    expect(zip5Of(zip)).toBeUndefined();
    expect(lookupZip(zip)).toBeUndefined();
    expect(zipCentroid(zip)).toBeUndefined();
  });

  it('puts an unlisted ZIP into the middle of its neighbours', () => {
    expect(lookupZip('54999')).toBeUndefined();
    const middle = zipCentroid('54999');
    expect(middle?.precision).toBe('zip3');
    expect(middle?.latitude).toBeCloseTo(44, 0);
    expect(middle?.longitude).toBeCloseTo(-89, 0);
  });

  it('measures great circle miles', () => {
    expect(milesBetweenZips('10001', '90001')).toBeGreaterThan(2430);
    expect(milesBetweenZips('10001', '90001')).toBeLessThan(2470);
    expect(milesBetweenZips('78701', '78701')).toBe(0);
    expect(milesBetweenZips('78701', '00000')).toBeUndefined();
  });

  it('gives military mail a state but no place', () => {
    expect(lookupZip('34001')).toMatchObject({ state: 'AA' });
    expect(zipCentroid('34001')).toBeUndefined();
  });

  it('holds a ZIP against a state, through its neighbours when it is not listed', () => {
    expect(zipAgainstState('78701', 'tx')).toBe('agrees');
    expect(zipAgainstState('78701', 'OK')).toBe('disagrees');
    expect(zipAgainstState('54999', 'WI')).toBe('agrees');
    expect(zipAgainstState('54999', 'MN')).toBe('disagrees');
    expect(zipAgainstState('00000', 'WI')).toBe('unknown');
  });

  it('knows states, territories and military regions only', () => {
    expect(['TX', 'DC', 'PR', 'AE'].every(isStateCode)).toBe(true);
    expect(['XX', 'ON', 'tx', ''].some(isStateCode)).toBe(false);
  });
});
