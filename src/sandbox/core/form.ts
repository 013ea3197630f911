export type FormValue = string | FormValue[] | { [key: string]: FormValue };
export type Form = Record<string, FormValue>;

interface Branch {
  [key: string]: string | Branch;
}

/** Deeper than any parameter Stripe has; bounds the recursion on hostile input. */
const MAX_DEPTH = 10;

/**
 * Reads `application/x-www-form-urlencoded` with Stripe's brackets: `a[b]=1`, `list[0][x]=1`, `list[]=1`.
 * Objects have no prototype, so `__proto__` is a key like any other.
 */
export function parseForm(text: string): Form {
  const root = branch();
  for (const [key, value] of new URLSearchParams(text)) insert(root, pathOf(key), value);
  return Object.fromEntries(Object.entries(root).map(([key, value]) => [key, finish(value)]));
}

export function queryOf(url: string): Form {
  const at = url.indexOf('?');
  return at < 0 ? {} : parseForm(url.slice(at + 1));
}

function branch(): Branch {
  return Object.create(null) as Branch;
}

function pathOf(key: string): string[] {
  const open = key.indexOf('[');
  if (open <= 0 || !key.endsWith(']')) return [key];
  return [key.slice(0, open), ...key.slice(open + 1, -1).split('][')].slice(0, MAX_DEPTH);
}

function insert(root: Branch, path: string[], value: string): void {
  let at = root;
  path.forEach((segment, depth) => {
    const key = segment === '' ? String(Object.keys(at).length) : segment;
    if (depth === path.length - 1) {
      at[key] = value;
      return;
    }
    const next = at[key];
    at = typeof next === 'object' ? next : (at[key] = branch());
  });
}

function finish(value: string | Branch): FormValue {
  if (typeof value === 'string') return value;
  const keys = Object.keys(value);
  const isList = keys.length > 0 && keys.every((key, index) => key === String(index));
  const entries = Object.entries(value).map(([key, inner]): [string, FormValue] => [key, finish(inner)]);
  return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
