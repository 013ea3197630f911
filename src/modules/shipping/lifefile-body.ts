import { sha256 } from '../../platform/crypto/index.js';
import { isDeeperThan } from '../../platform/http/index.js';
import { buildXml, parseXml, XmlError, type XmlContent, type XmlElement } from '../../platform/xml/index.js';
import type { Arrival } from '../webhooks/index.js';
import { lifefileDedupeKey, readPharmacyUpdate, type PharmacyUpdate } from './lifefile.policy.js';
import { fail } from './shipping.errors.js';

/** What a body says of one prescription. */
export interface LifefilePart {
  /** The bytes that say it: the whole body when it speaks of one prescription only, and so the bytes that were signed. */
  raw: Buffer;
  /** Undefined: not a form anybody documented. */
  update: PharmacyUpdate | undefined;
}

/** Each part is a row and a job; a pharmacy's push of a day has some dozens. */
export const mostParts = 500;
const mostDepth = 64;

/**
 * Takes a body apart: an array with one item per prescription, arrays in an array, a bare object, the documented object; as
 * JSON or XML. A body nobody documented is one part without an update.
 * @param json what these bytes say, where they were read as JSON already
 * @throws lifefile.body-unreadable when it is neither JSON nor XML, lifefile.too-many-parts
 */
export function readLifefileBody(raw: Buffer, json?: unknown): LifefilePart[] {
  const parts = json === undefined && isXml(raw) ? xmlParts(raw) : jsonParts(raw, json ?? parsed(raw));
  if (parts.length > mostParts) throw fail('lifefile.too-many-parts');
  return parts;
}

/** The events of a body, one per prescription. @throws lifefile.body-unreadable, lifefile.too-many-parts */
export function lifefileArrivals(body: Buffer, headers: Arrival['headers'], json?: unknown): Arrival[] {
  const parts = readLifefileBody(body, json);
  return parts.map(({ raw, update }, index) => ({
    dedupeKey: lifefileDedupeKey(update) ?? sha256(raw),
    eventType: update === undefined ? 'undocumented' : `${update.eventType} ${update.word}`,
    raw,
    // The signature is of the whole body, and a stored part must say that it is one.
    headers: parts.length === 1 ? headers : { ...headers, 'x-part-of-body': `${index + 1}/${parts.length}` },
  }));
}

/** What a stored part says. */
export function readLifefilePart(raw: Buffer): PharmacyUpdate | undefined {
  const [first, ...others] = readLifefileBody(raw);
  return others.length > 0 ? undefined : first?.update;
}

/** Not by the content type: pharmacies send either as text/plain. UTF-16 is XML's alone. */
function isXml(raw: Buffer): boolean {
  return raw[0] === 0xff || raw[0] === 0xfe || /^\s*</.test(raw.subarray(0, 64).toString('utf8'));
}

function jsonParts(raw: Buffer, json: unknown): LifefilePart[] {
  const items = flat(json);
  const whole = { raw, update: items.length === 1 ? readPharmacyUpdate(items[0]) : undefined };
  if (items.length < 2 || items.some((item) => typeof item !== 'object' || item === null)) return [whole];
  const spans = outermostObjects(raw);
  return items.map((item, index) => ({ raw: spans[index] ?? raw, update: readPharmacyUpdate(item) }));
}

/** @throws lifefile.body-unreadable */
function parsed(raw: Buffer): unknown {
  const text = raw.toString('utf8').replace(/^\uFEFF/, '');
  // Bodies sent as text/plain come here without having been looked at.
  if (isDeeperThan(mostDepth, raw) || text.includes('"__proto__"')) throw fail('lifefile.body-unreadable');
  try {
    return JSON.parse(text);
  } catch {
    throw fail('lifefile.body-unreadable');
  }
}

function flat(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]).flatMap(flat) : [value];
}

const [quote, backslash, open, close] = Buffer.from('"\\{}');

/** The objects that lie in no other object, byte for byte as they came. */
function outermostObjects(json: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let depth = 0;
  let start = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) inText = !inText;
    else if (inText && byte === backslash) at += 1;
    else if (!inText && byte === open) {
      if (depth === 0) start = at;
      depth += 1;
    } else if (!inText && byte === close) {
      depth -= 1;
      if (depth === 0) found.push(json.subarray(start, at + 1));
    }
  }
  return found;
}

function xmlParts(raw: Buffer): LifefilePart[] {
  const found = itemsIn(rootOf(raw));
  const [first, ...others] = found;
  if (first === undefined || others.length === 0) return [{ raw, update: first?.update }];
  return found.map(({ element, update }) => ({
    raw: Buffer.from(buildXml({ [element.name]: update === undefined ? contentOf(element) : treeOf(element) })),
    update,
  }));
}

/** @throws lifefile.body-unreadable */
function rootOf(raw: Buffer): XmlElement {
  try {
    return parseXml(raw);
  } catch (error) {
    if (error instanceof XmlError) throw fail('lifefile.body-unreadable', { meta: { problem: error.problem } });
    throw error;
  }
}

interface XmlItem {
  element: XmlElement;
  update: PharmacyUpdate | undefined;
}

/**
 * The outermost elements that can be read as an update, and those of the same name beside them that cannot: these are kept as
 * they are. How the pharmacy wraps them does not matter.
 */
function itemsIn(element: XmlElement): XmlItem[] {
  const update = readPharmacyUpdate(fieldsOf(element));
  if (update !== undefined) return [{ element, update }];
  const inner = element.children.map((child) => ({ child, items: itemsIn(child) }));
  const itemNames = new Set(inner.flatMap(({ child, items }) => (items.length > 0 ? [child.name] : [])));
  return inner.flatMap(({ child, items }) => {
    if (items.length > 0) return items;
    return itemNames.has(child.name) ? [{ element: child, update: undefined }] : [];
  });
}

/**
 * What is a value, not a thing with values: attributes on a text say how it is written, and those of a namespace how XML is to
 * be read, such as `xsi:nil` for null.
 */
function isText({ attributes, children, text }: XmlElement): boolean {
  return children.length === 0 && (text !== '' || [...attributes.keys()].every((name) => /^xmlns$|:/.test(name)));
}

/** An element as the JSON form would have it. */
function valueOf(element: XmlElement): unknown {
  return isText(element) ? element.text : fieldsOf(element);
}

/** The first of several elements of a name counts; what is written between them tells nothing. */
function fieldsOf({ attributes, children }: XmlElement): unknown {
  return Object.fromEntries([
    ...children.map((child) => [child.name, valueOf(child)]).reverse(),
    ...attributes,
  ]) as unknown;
}

function contentOf(element: XmlElement): XmlContent | string {
  return isText(element) ? element.text : treeOf(element);
}

function treeOf({ attributes, children }: XmlElement): XmlContent {
  const names = [...new Set(children.map(({ name }) => name))];
  return Object.fromEntries([
    ...[...attributes].map(([name, value]) => [`@${name}`, value] as const),
    ...names.map((name) => [name, grouped(children.filter((child) => child.name === name))] as const),
  ]);
}

/** Repeats of leaves are told once, as `valueOf` reads them. */
function grouped(elements: readonly XmlElement[]): XmlContent | XmlContent[] | string {
  const contents = elements.map(contentOf);
  const trees = contents.filter((content) => typeof content !== 'string');
  return trees.length > 1 ? trees : (contents[0] ?? '');
}
