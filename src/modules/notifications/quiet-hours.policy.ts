import { DateTime } from 'luxon';

/** 47 CFR 64.1200(c)(1): not before 8 in the morning nor after 9 in the evening, where the recipient is. */
const opensAt = 8;
const closesAt = 21;
/** Zones may disagree for long, never for ever: the windows of all US zones overlap every day. */
const mostSteps = 10;

const eastern = ['America/New_York'];
const central = ['America/Chicago'];
const mountain = ['America/Denver'];
const pacific = ['America/Los_Angeles'];
const easternCentral = [...eastern, ...central];
const centralMountain = [...central, ...mountain];
const atlantic = ['America/Puerto_Rico'];

/** States with two zones name both: a message then waits until it is daytime in each. */
const zonesOfState: Readonly<Record<string, readonly string[]>> = {
  ...sameZones(eastern, 'CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV'),
  ...sameZones(easternCentral, 'FL IN KY MI TN'),
  ...sameZones(central, 'AL AR IA IL LA MN MO MS OK WI'),
  ...sameZones(centralMountain, 'KS ND NE SD TX'),
  ...sameZones(mountain, 'CO MT NM UT WY'),
  ...sameZones([...mountain, ...pacific], 'ID OR'),
  ...sameZones(pacific, 'CA NV WA'),
  ...sameZones(atlantic, 'PR VI'),
  AZ: ['America/Phoenix', 'America/Denver'],
  AK: ['America/Anchorage', 'America/Adak'],
  HI: ['Pacific/Honolulu'],
  GU: ['Pacific/Guam'],
  MP: ['Pacific/Guam'],
  AS: ['Pacific/Pago_Pago'],
};

/**
 * @param states where the recipient may be, the likeliest first
 * @param fallback zone of the organization, for addresses that name no state
 */
export function zonesOf(states: readonly (string | undefined)[], fallback: string): readonly string[] {
  const zones = states.flatMap((state) => zonesOfState[state?.trim().toUpperCase() ?? ''] ?? []);
  return zones.length === 0 ? [fallback] : [...new Set(zones)];
}

/** `at` itself in the daytime of every zone, else the next moment that is. Where they share no daytime the last zone gives way. */
export function nextDaytime(at: Date, zones: readonly string[]): Date {
  let moment = at;
  for (let step = 0; step < mostSteps; step += 1) {
    const later = zones.map((zone) => nextInZone(moment, zone)).reduce((a, b) => (a > b ? a : b), moment);
    if (later.getTime() === moment.getTime()) return moment;
    moment = later;
  }
  return zones.length > 1 ? nextDaytime(at, zones.slice(0, -1)) : moment;
}

function nextInZone(at: Date, zone: string): Date {
  const local = DateTime.fromJSDate(at, { zone });
  if (local.hour >= opensAt && local.hour < closesAt) return at;
  const morning = local.hour < opensAt ? local : local.plus({ days: 1 });
  return morning.set({ hour: opensAt, minute: 0, second: 0, millisecond: 0 }).toJSDate();
}

function sameZones(zones: readonly string[], states: string): Record<string, readonly string[]> {
  return Object.fromEntries(states.split(' ').map((state) => [state, zones]));
}
