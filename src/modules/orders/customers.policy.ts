/** One way somebody was named: digests of the email and phone, and CarePortals' own id. */
export interface ContactKeys {
  id: string;
  externalId: string | null;
  emailIndex: string | null;
  phoneIndex: string | null;
}

export const reviewReasons = [
  'same_id_other_email',
  'same_phone_other_customer',
  'id_of_several',
  'phone_of_several',
  'several_names',
] as const;
export type ReviewReason = (typeof reviewReasons)[number];

/** Two customers a person should look at, or one of several names. In a fixed order, so that a pair is one doubt. */
export interface Doubt {
  identity: string;
  other: string;
  reason: ReviewReason;
}

export interface Grouping {
  /** Contact id → what the customer is told by: `email:…`, `id:…`, `phone:…`, `contact:…`. */
  identityOf: Map<string, string>;
  doubts: Doubt[];
}

interface Group {
  identity: string;
  ids: Set<string>;
  phones: Set<string>;
}

/**
 * Who is who among contacts that share a value: email, then `_id`, then phone. One customer per email; what has
 * none joins the only customer it can mean, and stands alone, for review, when there are several. A function of the set of
 * contacts: whatever order they came in, the customers are the same.
 */
export function groupContacts(contacts: readonly ContactKeys[]): Grouping {
  const identityOf = new Map<string, string>();
  const doubts: Doubt[] = [];
  const groups = emailGroups(contacts, identityOf);
  const byId = unassigned(contacts, identityOf).filter(({ externalId }) => externalId !== null);
  for (const externalId of distinct(byId.map((contact) => contact.externalId))) {
    const same = byId.filter((contact) => contact.externalId === externalId);
    place(same, `id:${externalId}`, hostsOfId(groups, externalId, same, byId), { groups, identityOf, doubts });
  }
  const byPhone = unassigned(contacts, identityOf).filter(({ phoneIndex }) => phoneIndex !== null);
  for (const phone of distinct(byPhone.map((contact) => contact.phoneIndex))) {
    const same = byPhone.filter((contact) => contact.phoneIndex === phone);
    const hosts = groups.filter(({ phones }) => phones.has(phone));
    place(same, `phone:${phone}`, { hosts, reason: 'phone_of_several' }, { groups, identityOf, doubts });
  }
  for (const { id } of unassigned(contacts, identityOf)) identityOf.set(id, `contact:${id}`);
  return { identityOf, doubts: [...doubts, ...doubtsBetween(groups, doubts)].toSorted(byPair) };
}

interface Work {
  groups: Group[];
  identityOf: Map<string, string>;
  doubts: Doubt[];
}

interface Hosts {
  hosts: readonly Group[];
  reason: ReviewReason;
}

function place(contacts: readonly ContactKeys[], identity: string, { hosts, reason }: Hosts, work: Work): void {
  const [host, ...others] = hosts;
  const alone = host === undefined || others.length > 0;
  const group: Group = alone ? { identity, ids: new Set(), phones: new Set() } : host;
  if (alone) {
    work.groups.push(group);
    work.doubts.push(...hosts.map((other) => pair(identity, other.identity, reason)));
  }
  for (const { id, externalId, phoneIndex } of contacts) {
    work.identityOf.set(id, group.identity);
    if (externalId !== null) group.ids.add(externalId);
    if (phoneIndex !== null) group.phones.add(phoneIndex);
  }
}

function emailGroups(contacts: readonly ContactKeys[], identityOf: Map<string, string>): Group[] {
  return distinct(contacts.map(({ emailIndex }) => emailIndex)).map((email) => {
    const same = contacts.filter(({ emailIndex }) => emailIndex === email);
    const identity = `email:${email}`;
    for (const { id } of same) identityOf.set(id, identity);
    return {
      identity,
      ids: new Set(distinct(same.map(({ externalId }) => externalId))),
      phones: new Set(distinct(same.map(({ phoneIndex }) => phoneIndex))),
    };
  });
}

/** Whom an `_id` without email means: who has it; else who has the phone, has no other `_id`, and is claimed by no other. */
function hostsOfId(
  groups: readonly Group[],
  externalId: string,
  same: readonly ContactKeys[],
  all: readonly ContactKeys[],
): Hosts {
  const owners = groups.filter(({ ids }) => ids.has(externalId));
  if (owners.length > 0) return { hosts: owners, reason: 'id_of_several' };
  const phones = distinct(same.map(({ phoneIndex }) => phoneIndex));
  const claimed = phones.filter((phone) =>
    all.some((other) => other.phoneIndex === phone && other.externalId !== externalId),
  );
  const free = phones.filter((phone) => !claimed.includes(phone));
  const hosts = groups.filter(({ ids, phones: theirs }) => ids.size === 0 && free.some((phone) => theirs.has(phone)));
  return { hosts, reason: 'phone_of_several' };
}

/** Customers that share an `_id` or a phone and stay apart all the same. */
function doubtsBetween(groups: readonly Group[], known: readonly Doubt[]): Doubt[] {
  return groups.flatMap((one, at) =>
    groups.slice(at + 1).flatMap((other) => {
      const reason = intersects(one.ids, other.ids)
        ? 'same_id_other_email'
        : intersects(one.phones, other.phones)
          ? 'same_phone_other_customer'
          : undefined;
      if (reason === undefined) return [];
      const doubt = pair(one.identity, other.identity, reason);
      return known.some(({ identity, other: second }) => identity === doubt.identity && second === doubt.other)
        ? []
        : [doubt];
    }),
  );
}

function pair(one: string, other: string, reason: ReviewReason): Doubt {
  return one < other ? { identity: one, other, reason } : { identity: other, other: one, reason };
}

function byPair(a: Doubt, b: Doubt): number {
  const [left, right] = [`${a.identity} ${a.other}`, `${b.identity} ${b.other}`];
  return left < right ? -1 : Number(left > right);
}

function unassigned(contacts: readonly ContactKeys[], identityOf: ReadonlyMap<string, string>): ContactKeys[] {
  return contacts.filter(({ id }) => !identityOf.has(id));
}

/** Sorted, so that the order contacts came in decides nothing. */
function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))].toSorted();
}

function intersects(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((value) => other.has(value));
}
