export type NdcInvalidReason = 'format' | 'six-digit-labeler' | 'all-zeros';

export type NormalizedNdc =
  | { kind: 'ok'; ndc11: string }
  | { kind: 'ambiguous'; candidates: readonly [fourFourTwo: string, fiveThreeTwo: string, fiveFourOne: string] }
  | { kind: 'invalid'; reason: NdcInvalidReason };

/** The four printed layouts a claim can carry, as labeler-product-package lengths (21 CFR 207.33, HIPAA 5-4-2). */
const claimableLayouts = new Set(['4-4-2', '5-3-2', '5-4-1', '5-4-2']);

/**
 * Brings an NDC to the 11 digits of NCPDP field 407-D7. Ten digits without hyphens fit three layouts, so all three are
 * offered and none is chosen; labelers of six digits (21 CFR 207.33) have no 11 digit form yet.
 */
export function normalizeNdc(value: string): NormalizedNdc {
  const text = value.trim();
  if (/^[0-]+$/.test(text)) return { kind: 'invalid', reason: 'all-zeros' };
  if (/^\d{11}$/.test(text)) return { kind: 'ok', ndc11: text };
  if (/^\d{10}$/.test(text)) return { kind: 'ambiguous', candidates: candidatesOf(text) };
  if (/^\d{12}$/.test(text)) return { kind: 'invalid', reason: 'six-digit-labeler' };
  return fromSegments(text);
}

function fromSegments(text: string): NormalizedNdc {
  const match = /^(\d{4,6})-(\d{3,4})-(\d{1,2})$/.exec(text);
  if (!match) return { kind: 'invalid', reason: 'format' };
  const [, labeler = '', product = '', packageCode = ''] = match;
  if (labeler.length === 6) return { kind: 'invalid', reason: 'six-digit-labeler' };
  const layout = `${labeler.length}-${product.length}-${packageCode.length}`;
  if (!claimableLayouts.has(layout)) return { kind: 'invalid', reason: 'format' };
  return { kind: 'ok', ndc11: labeler.padStart(5, '0') + product.padStart(4, '0') + packageCode.padStart(2, '0') };
}

function candidatesOf(ten: string): readonly [string, string, string] {
  return [`0${ten}`, `${ten.slice(0, 5)}0${ten.slice(5)}`, `${ten.slice(0, 9)}0${ten.slice(9)}`];
}
