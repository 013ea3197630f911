import { newToken } from '../../../src/platform/crypto/index.js';
import { newId } from '../../../src/platform/ids/index.js';
import { contextOf } from '../../../src/modules/auth/index.js';
import type { DbContext } from '../../../src/platform/db/index.js';
import { accounts, type UserOptions } from '../accounts.js';
import { furnish, type Holding, type Inside } from './holding.js';
import { finds, things, type CallerName, type OwnerName, type Thing } from './reach.js';

export type SignedIn = Exclude<CallerName, 'nobody'>;
export type HolderName = Exclude<OwnerName, 'nobody'>;

/**
 * Two organizations; in the first two of every party. The callers of the matrix are parties and staff of the first one and
 * have what is `own`; `among` another holding they are the same kind of people there.
 */
export interface World {
  holdings: Readonly<Record<HolderName, Holding>>;
  /** The Authorization header of a caller; always the same sign-in. */
  credentialOf(caller: CallerName, among?: HolderName): Promise<string | undefined>;
  /** Another sign-in of the same kind. */
  newCredentialOf(caller: SignedIn, among?: HolderName): Promise<string>;
  /** What row-level security compares with for this caller. */
  contextOf(caller: SignedIn, among?: HolderName): DbContext;
  /** What stands in the path for a thing of this owner; random for nobody's. */
  pathOf(thing: Thing, owner: OwnerName): string;
  /** Ids of everything of others the caller must not read anywhere. */
  hiddenFrom(caller: CallerName, among?: HolderName): string[];
}

const tokens: ReadonlySet<Thing> = new Set(['enrollmentLink', 'trackingLink']);
const unknownNdc = '99999999999';

export async function buildWorld(inside: Inside): Promise<World> {
  const home = await accounts(inside.sql, (token) => inside.get(token));
  const holdings = {
    own: await furnish(inside, home.organizationId, 1),
    neighbour: await furnish(inside, home.organizationId, 2),
    'other organization': await furnish(inside, await home.organization(), 3),
  };
  const newCredentialOf = (caller: SignedIn, among: HolderName = 'own'): Promise<string> => {
    const { organizationId } = holdings[among];
    if (caller === 'integrator') return home.key({ organizationId });
    return home.user(caller, { organizationId, ...linkOf(caller, holdings[among]) });
  };
  const kept = new Map<string, string>();
  return {
    holdings,
    newCredentialOf,
    credentialOf: async (caller, among = 'own') => {
      if (caller === 'nobody') return undefined;
      const known = kept.get(`${caller} ${among}`) ?? (await newCredentialOf(caller, among));
      kept.set(`${caller} ${among}`, known);
      return known;
    },
    contextOf: (caller, among = 'own') =>
      contextOf({
        kind: caller === 'integrator' ? 'api-key' : 'user',
        id: newId(),
        role: caller,
        organizationId: holdings[among].organizationId,
        ...linkOf(caller, holdings[among]),
        permissions: new Set(),
      }),
    pathOf: (thing, owner) => (owner === 'nobody' ? unheardOf(thing) : holdings[owner].path[thing]),
    hiddenFrom: (caller, among = 'own') => {
      const mine = holdings[among];
      return Object.values(holdings).flatMap((theirs) => (theirs === mine ? [] : hiddenIn(theirs, mine, caller)));
    },
  };
}

function linkOf(caller: SignedIn, { path }: Holding): Pick<UserOptions, 'providerId' | 'pharmacyId' | 'patientId'> {
  if (caller === 'doctor') return { providerId: path.provider };
  if (caller === 'pharmacy') return { pharmacyId: path.pharmacy };
  return caller === 'patient' ? { patientId: path.patient } : {};
}

function unheardOf(thing: Thing): string {
  if (thing === 'drug') return unknownNdc;
  return tokens.has(thing) ? newToken() : newId();
}

function hiddenIn(theirs: Holding, mine: Holding, caller: CallerName): string[] {
  const owner = theirs.organizationId === mine.organizationId ? 'neighbour' : 'other organization';
  // One id may name two things: a register's entry everybody sees, and what only its own people change.
  const shown = new Set(things.filter((thing) => finds(caller, thing, owner)).map((thing) => theirs.path[thing]));
  return things.map((thing) => theirs.path[thing]).filter((id) => !shown.has(id));
}
