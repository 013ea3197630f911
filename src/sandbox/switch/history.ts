export interface FillRecord {
  cardholderId: string;
  ndc: string;
  /** YYYYMMDD */
  dateOfService: string;
  daysSupply: number;
}

/** Share of a supply that must be used up before the next fill. */
const REFILL_THRESHOLD = 0.85;
const DAY_MS = 86_400_000;

/** The first day on which the next fill is paid, as YYYYMMDD. */
export function nextFillDate(fill: FillRecord): string {
  return addDays(fill.dateOfService, Math.ceil(fill.daysSupply * REFILL_THRESHOLD));
}

/** The latest next-fill date that still lies ahead of `dateOfService`, over all fills of this drug on this card. */
export function tooSoonUntil(fills: FillRecord[], wanted: Omit<FillRecord, 'daysSupply'>): string | undefined {
  return fills
    .filter((fill) => fill.cardholderId === wanted.cardholderId && fill.ndc === wanted.ndc)
    .map(nextFillDate)
    .filter((next) => next > wanted.dateOfService)
    .sort()
    .at(-1);
}

function addDays(day: string, days: number): string {
  const start = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)));
  return new Date(start + days * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
}
