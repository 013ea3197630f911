import type { FastifyInstance } from 'fastify';

/** As the router is set up: longer parameters match no route (http-app.ts, maxParamLength). */
export const maxParamLength = 200;

interface KnownPath {
  matches: RegExp;
  methods: Set<string>;
}

/**
 * Which methods a path answers, by the patterns of the routes alone: what it says is the same for every id, there or not. The
 * router keeps a tree per method and is asked first; this is only for requests it has found no route for.
 */
export class KnownMethods {
  private readonly paths = new Map<string, KnownPath>();

  /** Notes every route that is added from now on. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => {
      // Preflights are answered on every path, also on those that do not exist.
      if (url === '*') return;
      this.add(url, typeof method === 'string' ? [method] : method);
    });
  }

  add(pattern: string, methods: readonly string[]): void {
    const known = this.paths.get(pattern) ?? { matches: expressionOf(pattern), methods: new Set() };
    for (const method of methods) known.methods.add(method);
    this.paths.set(pattern, known);
  }

  /** Sorted, with an empty list for a path that has no route. */
  of(address: string): string[] {
    const path = readable(address.split('?', 1)[0] ?? '');
    const fitting = [...this.paths.values()].filter(({ matches }) => matches.test(path));
    return [...new Set(fitting.flatMap(({ methods }) => [...methods]))].sort();
  }
}

/** `:name` is one segment, `*` everything that follows; all else is meant literally. */
function expressionOf(pattern: string): RegExp {
  const source = pattern
    .split(/(:\w+|\*)/)
    .map((part) => {
      if (part === '*') return '.*';
      return part.startsWith(':') ? `[^/]{1,${maxParamLength}}` : part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`);
}

function readable(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
