import zipcodes from 'zipcodes';

export interface Place {
  city: string;
  state: string;
  zip: string;
}

/**
 * Area codes in service: with 555-01xx, kept free for fiction, they make numbers that can exist. Many where the demo's people live:
 * whoever has a number of an earlier run has had the text of the day.
 */
const areaCodes = {
  AL: ['205'],
  AK: ['907'],
  AZ: ['602'],
  AR: ['501'],
  CA: ['415', '209', '213', '310', '323', '408', '510', '559', '619', '650', '707', '714', '805', '818', '916'],
  CO: ['303'],
  CT: ['203'],
  DE: ['302'],
  DC: ['202'],
  FL: ['305'],
  GA: ['404'],
  HI: ['808'],
  ID: ['208'],
  IL: ['312'],
  IN: ['317'],
  IA: ['515'],
  KS: ['316'],
  KY: ['502'],
  LA: ['504'],
  ME: ['207'],
  MD: ['410'],
  MA: ['617'],
  MI: ['313'],
  MN: ['612'],
  MS: ['601'],
  MO: ['314'],
  MT: ['406'],
  NE: ['402'],
  NV: ['702'],
  NH: ['603'],
  NJ: ['201'],
  NM: ['505'],
  NY: ['212', '315', '516', '518', '585', '607', '631', '646', '716', '718', '845', '914', '917', '929'],
  NC: ['704'],
  ND: ['701'],
  OH: ['216'],
  OK: ['405'],
  OR: ['503'],
  PA: ['215'],
  RI: ['401'],
  SC: ['803'],
  SD: ['605'],
  TN: ['615'],
  TX: ['512', '210', '214', '254', '281', '361', '409', '469', '713', '806', '817', '832', '903', '915', '972'],
  UT: ['801'],
  VT: ['802'],
  VA: ['804'],
  WA: ['206'],
  WV: ['304'],
  WI: ['414'],
  WY: ['307'],
} as const;

export type UsState = keyof typeof areaCodes;

export function isUsState(state: string): state is UsState {
  return Object.hasOwn(areaCodes, state);
}

/** The fifty states and the District of Columbia. */
export const usStates: readonly UsState[] = Object.keys(areaCodes).filter(isUsState);

const placesByState = groupPlaces();

/** Every ZIP of a state, in order of the ZIP. */
export function placesOf(state: UsState): readonly Place[] {
  return placesByState.get(state) ?? [];
}

/** E.164; the line is taken modulo the numbers there are, a hundred for each area code. */
export function fictionalPhone(state: UsState, line: number): string {
  const codes = areaCodes[state];
  const areaCode = codes[Math.floor(line / 100) % codes.length] ?? codes[0];
  return `+1${areaCode}555${String(100 + (line % 100)).padStart(4, '0')}`;
}

function groupPlaces(): Map<UsState, Place[]> {
  const groups = new Map<UsState, Place[]>();
  const rows = Object.values(zipcodes.codes).filter((row) => row.country === 'US');
  for (const { city, state, zip } of rows.toSorted((a, b) => a.zip.localeCompare(b.zip, 'en'))) {
    if (!isUsState(state)) continue;
    const group = groups.get(state) ?? [];
    group.push({ city, state, zip });
    groups.set(state, group);
  }
  return groups;
}
