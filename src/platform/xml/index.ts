import XMLBuilder from 'fast-xml-builder';
import { isUtf8 } from 'node:buffer';
import { SaxesParser, type SaxesTagPlain } from 'saxes';

export const MAX_XML_BYTES = 512 * 1024;
const MAX_DEPTH = 64;
/** A full NewRx has some three hundred; each costs far more memory than its bytes. */
const MAX_ELEMENTS = 20_000;

const TEXT = '#text';

export type XmlProblem = 'too-large' | 'encoding' | 'dtd' | 'too-deep' | 'malformed';

/** Bytes that are no XML this platform reads. Says which rule was broken, never what was sent. */
export class XmlError extends Error {
  constructor(readonly problem: XmlProblem) {
    super(`xml ${problem}`);
    this.name = 'XmlError';
  }
}

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', textNodeName: TEXT });

/** An element by its local name; attributes keep their full names. Text is trimmed and never anything but text. */
export class XmlElement {
  constructor(
    readonly name: string,
    readonly prefix: string,
    readonly attributes: ReadonlyMap<string, string>,
    readonly children: readonly XmlElement[],
    readonly text: string,
  ) {}

  /** The first element at a path of local names such as `HumanPatient/Name`. */
  at(path: string): XmlElement | undefined {
    let among = this.children;
    let found: XmlElement | undefined;
    for (const name of path.split('/')) {
      found = among.find((child) => child.name === name);
      if (found === undefined) return undefined;
      among = found.children;
    }
    return found;
  }

  all(name: string): XmlElement[] {
    return this.children.filter((child) => child.name === name);
  }

  /** The text of the first of these paths that has one. */
  value(...paths: readonly string[]): string | undefined {
    for (const path of paths) {
      const text = this.at(path)?.text;
      if (text !== undefined && text !== '') return text;
    }
    return undefined;
  }
}

/**
 * Reads XML of at most 512 KB and 64 levels into elements, in one pass. The parser checks well-formedness strictly and
 * knows the five predefined entities and character references only; a document type or entity declaration is refused.
 * @throws XmlError, and nothing else, whatever the bytes are.
 */
export function parseXml(input: Uint8Array | string): XmlElement {
  const xml = decode(input);
  if (declaration.test(xml)) throw new XmlError('dtd');
  const tree = new TreeBuilder();
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  parser.on('error', () => {
    throw new XmlError('malformed');
  });
  parser.on('opentag', (tag) => tree.open(tag));
  parser.on('closetag', () => tree.close());
  parser.on('text', (text) => tree.text(text));
  parser.on('cdata', (text) => tree.text(text));
  try {
    parser.write(xml).close();
  } catch (error) {
    // Halves of surrogate pairs make the parser itself stumble.
    throw error instanceof XmlError ? error : new XmlError('malformed');
  }
  return tree.root();
}

const declaration = /<!\s*(?:DOCTYPE|ENTITY)/i;

interface OpenElement {
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
  text: string;
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

class TreeBuilder {
  private readonly stack: OpenElement[] = [];
  private elements = 0;
  private done: XmlElement | undefined;

  open(tag: SaxesTagPlain): void {
    this.elements += 1;
    if (this.elements > MAX_ELEMENTS) throw new XmlError('too-large');
    if (this.stack.length >= MAX_DEPTH) throw new XmlError('too-deep');
    if (tag.name === '__proto__') throw new XmlError('malformed');
    this.stack.push({ name: tag.name, attributes: attributesOf(tag.attributes), children: [], text: '' });
  }

  text(text: string): void {
    const current = this.stack.at(-1);
    if (current !== undefined) current.text += text;
  }

  close(): void {
    const closed = this.stack.pop();
    if (closed === undefined) return;
    const colon = closed.name.indexOf(':');
    const element = new XmlElement(
      closed.name.slice(colon + 1),
      closed.name.slice(0, Math.max(colon, 0)),
      closed.attributes,
      closed.children,
      closed.text.trim(),
    );
    const parent = this.stack.at(-1);
    if (parent === undefined) this.done = element;
    else parent.children.push(element);
  }

  root(): XmlElement {
    if (this.done === undefined) throw new XmlError('malformed');
    return this.done;
  }
}

function attributesOf(attributes: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const names = Object.keys(attributes);
  return names.length === 0 ? NO_ATTRIBUTES : new Map(names.map((name) => [name, attributes[name]?.trim() ?? '']));
}

/** What `buildXml` writes: keys beginning with `@` are attributes, `#text` is the text, undefined is left out. */
export interface XmlContent {
  readonly [name: string]: XmlContent | readonly XmlContent[] | string | undefined;
}

/** Writes a document; the library escapes every text and attribute. Characters XML cannot carry are left out. */
export function buildXml(content: XmlContent): string {
  const declared = { '?xml': { '@version': '1.0', '@encoding': 'UTF-8' }, ...content };
  return builder.build(writable(declared));
}

function decode(input: Uint8Array | string): string {
  const size = typeof input === 'string' ? Buffer.byteLength(input) : input.byteLength;
  if (size > MAX_XML_BYTES) throw new XmlError('too-large');
  const xml = typeof input === 'string' ? input : decodeBytes(input);
  const declared = /^\uFEFF?<\?xml[^>]{0,200}?encoding\s{0,8}=\s{0,8}["']([\w.-]{1,40})["']/.exec(xml)?.[1];
  const readable = declared === undefined || /^(?:utf-?8|us-ascii|ascii|utf-?16(?:le|be)?)$/i.test(declared);
  if (!readable) throw new XmlError('encoding');
  return xml.replace(/^\uFEFF/, '').trim();
}

function decodeBytes(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new XmlError('encoding');
  }
}

const unwritable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu;

function writable(content: XmlContent): XmlContent {
  const said: Record<string, XmlContent | XmlContent[] | string> = {};
  for (const [name, value] of Object.entries(content)) if (value !== undefined) said[name] = writableValue(value);
  return said;
}

function writableValue(value: XmlContent | readonly XmlContent[] | string): XmlContent | XmlContent[] | string {
  if (typeof value === 'string') return value.replace(unwritable, '');
  return isList(value) ? value.map(writable) : writable(value);
}

function isList(value: XmlContent | readonly XmlContent[]): value is readonly XmlContent[] {
  return Array.isArray(value);
}
