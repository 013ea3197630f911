/** A body with its structure shown and its values masked: enough to see why it did not fit, nothing about a person. */
export type Masked = string | null | readonly Masked[] | { readonly [name: string]: Masked };

const mostItems = 20;
const mostDepth = 12;

/** @param raw JSON, a form, or anything else, of which only the size is told */
export function maskedBody(raw: Buffer, contentType: string | null): Masked {
  const text = raw.toString('utf8');
  if (contentType?.startsWith('application/x-www-form-urlencoded') === true) {
    return Object.fromEntries([...new URLSearchParams(text)].map(([name, value]) => [nameOf(name), mask(value, 0)]));
  }
  if (/^\s*</.test(text)) return { xml: elementsOf(text) };
  try {
    return mask(JSON.parse(text), 0);
  } catch {
    return `<${raw.length} bytes>`;
  }
}

function mask(value: unknown, depth: number): Masked {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return `<text of ${value.length}>`;
  if (typeof value !== 'object') return `<${typeof value}>`;
  if (depth >= mostDepth) return '<…>';
  if (Array.isArray(value)) {
    const shown = (value as unknown[]).slice(0, mostItems).map((item) => mask(item, depth + 1));
    return value.length > mostItems ? [...shown, `<${value.length - mostItems} more>`] : shown;
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [nameOf(name), mask(member, depth + 1)]));
}

/** A name is a word of the format; whatever does not look like one may be somebody's. */
function nameOf(name: string): string {
  return /^[A-Za-z_][\w.-]{0,59}$/.test(name) ? name : `<name of ${name.length}>`;
}

/** The elements of a document with how often each occurs. */
function elementsOf(xml: string): Masked {
  const counts = new Map<string, number>();
  for (const [, name = ''] of xml.matchAll(/<([A-Za-z_][\w:.-]{0,59})/g)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].map(([name, count]) => [name, `<${count} times>`]));
}

/** Header values that tell how an event came, not who sent it. */
const shownHeaders: ReadonlySet<string> = new Set(['content-type', 'content-length', 'user-agent', 'x-part-of-body']);

export function maskedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      nameOf(name),
      shownHeaders.has(name) ? value.slice(0, 200) : `<text of ${value.length}>`,
    ]),
  );
}
