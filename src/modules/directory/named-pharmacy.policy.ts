interface PharmacyNames {
  ncpdpId: string;
  npi: string;
  name: string;
}

/** How a prescriber names a pharmacy; SCRIPT may have all three. */
type NamedPharmacy = { readonly [way in keyof PharmacyNames]?: string | undefined };

const comparable = (name: string) => name.trim().toLowerCase();

/** What names a pharmacy, the surest first: an NCPDP id is one place, an NPI may be that of several, a name of anybody's. */
const ways: readonly ((named: NamedPharmacy) => ((row: PharmacyNames) => boolean) | undefined)[] = [
  ({ ncpdpId }) => (isGiven(ncpdpId) ? (row) => row.ncpdpId === ncpdpId : undefined),
  ({ npi }) => (isGiven(npi) ? (row) => row.npi === npi : undefined),
  ({ name }) => (isGiven(name) ? (row) => comparable(row.name) === comparable(name) : undefined),
];

/** The first thing given decides. Undefined when it is nobody's, or that of several. */
export function pharmacyNamed<Row extends PharmacyNames>(rows: readonly Row[], named: NamedPharmacy): Row | undefined {
  const fits = ways.map((way) => way(named)).find((way) => way !== undefined);
  const hits = fits === undefined ? [] : rows.filter(fits);
  return hits.length === 1 ? hits[0] : undefined;
}

export function isPharmacyNamed(named: NamedPharmacy | undefined): named is NamedPharmacy {
  return named !== undefined && ways.some((way) => way(named) !== undefined);
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}
