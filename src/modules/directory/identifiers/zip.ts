import { createRequire } from 'node:module';
import type Zipcodes from 'zipcodes';

export interface Coordinates {
  latitude: number;
  longitude: number;
}

export interface ZipPlace {
  zip5: string;
  /** Two letters; AA, AE and AP for military mail. */
  state: string;
  city: string;
  /** Absent for military mail, which has no place on the map. */
  centroid?: Coordinates;
}

export interface ZipCentroid extends Coordinates {
  /** `zip3`: the ZIP is not listed; this is the middle of its sectional centre, tens of miles across. */
  precision: 'zip5' | 'zip3';
}

interface Sector {
  states: ReadonlySet<string>;
  centroid?: Coordinates;
}

/** IUGG mean Earth radius, 6371.0088 km. */
const EARTH_RADIUS_MILES = 3958.7613;

interface UsZips {
  codes: (typeof Zipcodes)['codes'];
  /** By the first three digits. */
  sectors: ReadonlyMap<string, Sector>;
  states: ReadonlySet<string>;
}

let known: UsZips | undefined;

/** Read when the first ZIP is looked up: five megabytes, which no start and no command needs to wait for. */
function usZips(): UsZips {
  known ??= readZips();
  return known;
}

function readZips(): UsZips {
  const { codes } = createRequire(import.meta.url)('zipcodes') as typeof Zipcodes;
  const sectors = sectorsOf(codes);
  return { codes, sectors, states: new Set([...sectors.values()].flatMap((sector) => [...sector.states])) };
}

/** The first five digits of a ZIP or ZIP+4, undefined when it is neither. */
export function zip5Of(zip: string): string | undefined {
  return /^(\d{5})(?:-?\d{4})?$/.exec(zip.trim())?.[1];
}

export function lookupZip(zip: string): ZipPlace | undefined {
  const zip5 = zip5Of(zip);
  const row = zip5 === undefined ? undefined : usZips().codes[zip5];
  if (zip5 === undefined || row?.country !== 'US') return undefined;
  const centroid = centroidOf(row);
  return { zip5, state: row.state, city: row.city, ...(centroid && { centroid }) };
}

/** Where a ZIP lies; a ZIP the list does not know (new, or of one building) takes the middle of its ZIP3 neighbours. */
export function zipCentroid(zip: string): ZipCentroid | undefined {
  const place = lookupZip(zip);
  if (place) return place.centroid && { ...place.centroid, precision: 'zip5' };
  const middle = usZips().sectors.get(zip5Of(zip)?.slice(0, 3) ?? '')?.centroid;
  return middle && { ...middle, precision: 'zip3' };
}

/** Great circle distance (haversine). */
export function milesBetween(from: Coordinates, to: Coordinates): number {
  const half = (degrees: number): number => Math.sin(radians(degrees) / 2) ** 2;
  const chord =
    half(to.latitude - from.latitude) +
    Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * half(to.longitude - from.longitude);
  return 2 * EARTH_RADIUS_MILES * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Distance between two ZIP codes, undefined when either has no place. */
export function milesBetweenZips(from: string, to: string): number | undefined {
  const start = zipCentroid(from);
  const end = zipCentroid(to);
  return start && end && milesBetween(start, end);
}

/** Two capital letters of a state, district, territory or military region that receives US mail. */
export function isStateCode(state: string): boolean {
  return usZips().states.has(state);
}

/** `unknown`: the ZIP is not listed and no ZIP of its sectional centre is, so nothing can be said against the state. */
export function zipAgainstState(zip: string, state: string): 'agrees' | 'disagrees' | 'unknown' {
  const place = lookupZip(zip);
  const wanted = state.trim().toUpperCase();
  if (place) return place.state === wanted ? 'agrees' : 'disagrees';
  const sector = usZips().sectors.get(zip5Of(zip)?.slice(0, 3) ?? '');
  if (!sector) return 'unknown';
  return sector.states.has(wanted) ? 'agrees' : 'disagrees';
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** The list writes 0, 0 where it has no place. */
function centroidOf(row: Coordinates): Coordinates | undefined {
  if (row.latitude === 0 && row.longitude === 0) return undefined;
  return { latitude: row.latitude, longitude: row.longitude };
}

function sectorsOf(codes: UsZips['codes']): ReadonlyMap<string, Sector> {
  const rowsBySector = new Map<string, (Coordinates & { state: string })[]>();
  for (const row of Object.values(codes)) {
    if (row.country !== 'US') continue;
    const zip3 = row.zip.slice(0, 3);
    const rows = rowsBySector.get(zip3);
    if (rows) rows.push(row);
    else rowsBySector.set(zip3, [row]);
  }
  return new Map([...rowsBySector].map(([zip3, rows]) => [zip3, sectorOf(rows)]));
}

function sectorOf(rows: readonly (Coordinates & { state: string })[]): Sector {
  const placed = rows.flatMap((row) => centroidOf(row) ?? []);
  const mean = (pick: (place: Coordinates) => number): number =>
    placed.reduce((sum, place) => sum + pick(place), 0) / placed.length;
  return {
    states: new Set(rows.map((row) => row.state)),
    ...(placed.length > 0 && {
      centroid: { latitude: mean((place) => place.latitude), longitude: mean((place) => place.longitude) },
    }),
  };
}
