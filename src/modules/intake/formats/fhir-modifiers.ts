/** R4: whoever does not know what these say must not act on what holds them. We know none of them. */
const modifiers = ['modifierExtension', 'implicitRules'];

/** False when something in the resource may turn its meaning around. Level by level, so that no depth exhausts the stack. */
export function isUnderstood(resource: unknown): boolean {
  let level: unknown[] = [resource];
  while (level.length > 0) {
    const fields = level.flatMap((element): [string, unknown][] =>
      typeof element === 'object' && element !== null ? Object.entries(element) : [],
    );
    if (fields.some(([name, value]) => modifiers.includes(name) && !isEmpty(value))) return false;
    level = fields.map(([, value]) => value);
  }
  return true;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
