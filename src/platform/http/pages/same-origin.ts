/**
 * Whether a form was sent from a page of ours. Browsers say so in Sec-Fetch-Site; older ones in Origin, which is `null` here
 * because our pages send no referrer. What says nothing is no browser, and cookies are SameSite=Strict besides.
 *
 * @param ownOrigin from the configuration, never from forwarded headers
 */
export function isOwnForm(headers: Readonly<Record<string, unknown>>, ownOrigin: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const origin = headers['origin'];
  return origin === undefined || origin === 'null' || origin === ownOrigin;
}
