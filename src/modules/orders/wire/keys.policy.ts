/** CarePortals writes `customer.email` or `{customer: {email}}`, `lineItems.0.price` or a list: both are one object. */
export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

export type KeyProblem =
  'not-an-object' | 'forbidden-key' | 'empty-key' | 'index-too-large' | 'sparse-list' | 'conflicting-keys' | 'too-deep';

export class KeysRefused extends Error {
  constructor(readonly problem: KeyProblem) {
    super(problem);
    this.name = 'KeysRefused';
  }
}

/** They reach the prototype of what is built from them. */
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);
/** Far above the lines of any order; `lineItems.9999999` would be a list of ten million. */
const largestIndex = 200;
/** The documented bodies need four; dots make depth the byte count of the body parser does not see. */
const mostDepth = 24;

type Leaf = string | number | boolean | null;

class Branch {
  readonly members = new Map<string, Branch | { leaf: Leaf }>();
  constructor(readonly isList: boolean) {}
}

/** @throws KeysRefused */
export function expandKeys(body: unknown): { [key: string]: Plain } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new KeysRefused('not-an-object');
  const root = new Branch(false);
  fillObject(root, body, 0);
  return objectOf(root);
}

function fillObject(into: Branch, value: object, depth: number): void {
  for (const [key, member] of Object.entries(value)) {
    const path = key.split('.');
    const last = path.pop() ?? '';
    // The segment after a name says whether the name is a list.
    const parent = path.reduce(
      (branch, segment, at) => branchOf(branch, segment, isIndex(path[at + 1] ?? last), depth + at),
      into,
    );
    plant(parent, last, member, depth + path.length);
  }
}

function plant(parent: Branch, key: string, value: unknown, depth: number): void {
  if (typeof value === 'object' && value !== null) {
    const branch = branchOf(parent, key, Array.isArray(value), depth);
    if (Array.isArray(value)) value.forEach((member, index) => plant(branch, String(index), member, depth + 1));
    else fillObject(branch, value, depth + 1);
    return;
  }
  const name = checked(parent, key);
  if (parent.members.has(name)) throw new KeysRefused('conflicting-keys');
  parent.members.set(name, { leaf: value as Leaf });
}

function branchOf(parent: Branch, key: string, isList: boolean, depth: number): Branch {
  if (depth >= mostDepth) throw new KeysRefused('too-deep');
  const name = checked(parent, key);
  const known = parent.members.get(name);
  if (known === undefined) {
    const branch = new Branch(isList);
    parent.members.set(name, branch);
    return branch;
  }
  if (!(known instanceof Branch) || known.isList !== isList) throw new KeysRefused('conflicting-keys');
  return known;
}

function checked({ isList }: Branch, key: string): string {
  if (key === '') throw new KeysRefused('empty-key');
  if (forbidden.has(key)) throw new KeysRefused('forbidden-key');
  if (isList && !isIndex(key)) throw new KeysRefused('conflicting-keys');
  if (isList && Number(key) > largestIndex) throw new KeysRefused('index-too-large');
  return isList ? String(Number(key)) : key;
}

function isIndex(key: string): boolean {
  return /^\d+$/.test(key);
}

function objectOf({ members }: Branch): { [key: string]: Plain } {
  return Object.fromEntries([...members].map(([key, member]) => [key, plainOf(member)]));
}

function plainOf(member: Branch | { leaf: Leaf }): Plain {
  if (!(member instanceof Branch)) return member.leaf;
  if (!member.isList) return objectOf(member);
  const { members } = member;
  return Array.from({ length: members.size }, (_, index) => {
    const item = members.get(String(index));
    if (item === undefined) throw new KeysRefused('sparse-list');
    return plainOf(item);
  });
}
