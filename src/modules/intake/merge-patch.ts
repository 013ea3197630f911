/** An order is four levels deep; deeper patches are refused by its schema and need not be walked. */
const mostLevels = 8;

/** JSON Merge Patch, RFC 7396: given members replace, null removes, objects merge, everything else replaces whole. */
export function mergePatch(target: unknown, patch: unknown, level = 0): unknown {
  if (!isObject(patch) || level >= mostLevels) return patch;
  const merged = new Map<string, unknown>(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value, level + 1));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
