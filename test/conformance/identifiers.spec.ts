import {
  isValidDea,
  isValidNpi,
  lookupZip,
  milesBetween,
  normalizeNdc,
  zipCentroid,
} from '../../src/modules/directory/identifiers/index.js';
import { describeWithFixtures, fixture, jsonFixture } from './fixtures.js';

describeWithFixtures('identifier vectors', () => {
  const npi = jsonFixture('npi/npi_vectors.json') as { valid: string[]; invalid: string[] };
  const dea = jsonFixture('npi/dea_vectors.json') as { valid: { dea: string }[]; invalid: string[] };
  const ndc = jsonFixture('ndc/ndc_vectors.json') as {
    cases: { in: string; fmt?: string; out: string | null }[];
  };

  it.each(npi.valid)('NPI %s is valid', (value) => expect(isValidNpi(value)).toBe(true));
  it.each(npi.invalid)('NPI %s is invalid', (value) => expect(isValidNpi(value)).toBe(false));
  it.each(dea.valid)('DEA number $dea is valid', (vector) => expect(isValidDea(vector.dea)).toBe(true));
  it.each(dea.invalid)('DEA number %s is invalid', (value) => expect(isValidDea(value)).toBe(false));

  it.each(ndc.cases)('NDC $in becomes $out', (vector) => {
    const normalized = normalizeNdc(vector.in);
    expect(normalized.kind === 'ok' ? normalized.ndc11 : null).toBe(vector.out);
    if (vector.fmt === '10') expect(normalized.kind).toBe('ambiguous');
  });

  it('reads every package NDC of the openFDA sample', () => {
    const rows = jsonFixture('ndc/openfda_ndc_rows_sample.json') as { package_ndc: string }[];
    expect(rows.filter((row) => normalizeNdc(row.package_ndc).kind !== 'ok')).toEqual([]);
  });
});

describeWithFixtures('ZIP list beside the public centroid tables', () => {
  const rowsOf = (path: string): string[][] =>
    fixture(path)
      .toString('utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(','));
  const zips = rowsOf('geo/us_zip_centroids.csv').map((cells) => ({
    zip: cells[0] ?? '',
    state: cells[1] ?? '',
    latitude: Number(cells.at(-2)),
    longitude: Number(cells.at(-1)),
  }));

  it('knows every ZIP of the table, in the same state', () => {
    expect(zips.length).toBeGreaterThan(30_000);
    expect(zips.filter(({ zip, state }) => lookupZip(zip)?.state !== state)).toEqual([]);
  });

  // The table holds area centroids, the package post office points; in the desert the two lie far apart.
  it.each([
    { miles: 5, share: 0.94 },
    { miles: 10, share: 0.98 },
    { miles: 25, share: 0.995 },
  ])('puts $share of them within $miles miles of the table', ({ miles, share }) => {
    const near = zips.filter((row) => {
      const centroid = zipCentroid(row.zip);
      return centroid !== undefined && milesBetween(centroid, row) < miles;
    });
    expect(near.length / zips.length).toBeGreaterThan(share);
  });

  it('computes ZIP3 centroids within 25 miles of the table for nine in ten', () => {
    const table = rowsOf('geo/us_zip3_centroids.csv').map((cells) => ({
      zip3: cells[0] ?? '',
      latitude: Number(cells[3]),
      longitude: Number(cells[4]),
    }));
    const unlisted = (zip3: string): string | undefined =>
      Array.from({ length: 100 }, (_, index) => `${zip3}${String(index).padStart(2, '0')}`).find(
        (zip) => !lookupZip(zip),
      );
    const measured = table.flatMap((row) => {
      const zip = unlisted(row.zip3);
      const centroid = zip === undefined ? undefined : zipCentroid(zip);
      return centroid ? [milesBetween(centroid, row)] : [];
    });
    expect(measured.length).toBeGreaterThan(800);
    expect(measured.filter((miles) => miles < 25).length / measured.length).toBeGreaterThan(0.9);
  });
});
