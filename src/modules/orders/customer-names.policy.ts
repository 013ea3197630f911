import { comparableLastName, firstNamesAgree } from '../directory/index.js';
import type { Contact } from './wire/parts.js';

/** Null where it is not told. */
export interface Names {
  firstName: string | null;
  lastName: string | null;
}

/** One way a customer was named. */
export interface SaidContact {
  id: string;
  /** CarePortals' `_id`, where it tells anybody apart. */
  externalId: string | null;
  said: Contact;
}

export interface People {
  several: boolean;
  /** Contact id → the names of whom it means; undefined where that may be one or another. */
  namesOf: ReadonlyMap<string, Names | undefined>;
}

/** An email that names more people than this is nobody's own: a household is smaller. */
const mostNames = 20;

/**
 * Of each field the latest word: who is named by the email alone has not lost the name, by which alone it is seen that the patient
 * of this email is somebody else.
 * @param inOrder as they were said
 */
export function mergedContact(inOrder: readonly Contact[]): Contact {
  return inOrder.reduce<Contact>((known, contact) => ({ ...known, ...contact }), {});
}

/** Names that are not told agree. */
export function namesAgree(one: Names, other: Names): boolean {
  const agree = (left: string | null, right: string | null, same: (left: string, right: string) => boolean) =>
    left === null || right === null || same(left, right);
  return (
    agree(one.lastName, other.lastName, (left, right) => comparableLastName(left) === comparableLastName(right)) &&
    agree(one.firstName, other.firstName, firstNamesAgree)
  );
}

/**
 * Whom each contact of one customer means: spouses may have one email. Who says too little to be told apart is named as others
 * with the same `_id` are, and then as all who may be the same, if that is one person.
 * @param contacts as they were said
 */
export function peopleIn(contacts: readonly SaidContact[]): People {
  const accounts = new Map<string, Names[]>();
  for (const { externalId, said } of contacts) {
    if (externalId !== null) accounts.set(externalId, [...(accounts.get(externalId) ?? []), namesIn(said)]);
  }
  const named = contacts.map(({ id, externalId, said }) => {
    const account = distinct(accounts.get(externalId ?? '') ?? []);
    const names = account.length > 0 && isOnePerson(account) ? mergedNames(account) : namesIn(said);
    return { id, names };
  });
  const all = distinct(named.map(({ names }) => names));
  const several = !isOnePerson(all);
  const meant = new Map(all.map((names) => [keyOf(names), several ? meantBy(names, all) : mergedNames(all)]));
  return { several, namesOf: new Map(named.map(({ id, names }) => [id, meant.get(keyOf(names))])) };
}

/** What it tells itself comes first: others may say less. */
function meantBy(names: Names, all: readonly Names[]): Names | undefined {
  if (all.length > mostNames) return undefined;
  const maybe = all.filter((other) => namesAgree(names, other));
  return isOnePerson(maybe) ? mergedNames([...maybe, names]) : undefined;
}

function isOnePerson(all: readonly Names[]): boolean {
  return all.length <= mostNames && all.every((one) => all.every((other) => namesAgree(one, other)));
}

function mergedNames(inOrder: readonly Names[]): Names {
  return inOrder.reduce((known, { firstName, lastName }) => ({
    firstName: firstName ?? known.firstName,
    lastName: lastName ?? known.lastName,
  }));
}

function namesIn({ firstName, lastName }: Contact): Names {
  return { firstName: firstName ?? null, lastName: lastName ?? null };
}

/** Each once, where it was said last. */
function distinct(inOrder: readonly Names[]): Names[] {
  const byKey = new Map<string, Names>();
  for (const names of inOrder) {
    byKey.delete(keyOf(names));
    byKey.set(keyOf(names), names);
  }
  return [...byKey.values()];
}

function keyOf({ firstName, lastName }: Names): string {
  return JSON.stringify([firstName, lastName]);
}
