/** Whose things an event may speak of; everybody's when a vendor brought it. */
export interface Bound {
  within?: string | undefined;
}

/** What an event was matched with, unless whoever imported it has no say there: then it is as unknown as if it did not exist. */
export function admitted<T extends { readonly organizationId: string }>(
  found: T | undefined,
  { within }: Bound,
): T | undefined {
  return found === undefined || within === undefined || found.organizationId === within ? found : undefined;
}
