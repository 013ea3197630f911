import { Refused } from '../../../platform/effects/index.js';
import { ShippoUnanswered } from './shippo.errors.js';

const timeoutMs = 20_000;
const mostBytes = 5 * 1024 * 1024;
/** Where Shippo keeps labels: its own hosts, and S3 buckets of its name (`shippo-delivery`, `shippo-delivery-east`). */
const labelHosts = /(?:^|\.)goshippo\.com$|^shippo-[a-z0-9-]+\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com$/;

/** @throws Refused `shipping.label-address` for an address Shippo would not use, `shipping.label-not-pdf` */
export async function downloadLabel(address: string, base: string | undefined): Promise<Buffer> {
  const url = new URL(address);
  if (!isOfShippo(url, base)) {
    throw new Refused('shipping.label-address', 'the label lies at a host that is not Shippo’s');
  }
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new ShippoUnanswered('shippo.unanswered');
  const bytes = Buffer.from(await response.arrayBuffer());
  if (bytes.length > mostBytes || bytes.subarray(0, 5).toString('latin1') !== '%PDF-') {
    throw new Refused('shipping.label-not-pdf', 'the label is not a PDF');
  }
  return bytes;
}

/** A label's address comes from an answer, so it is checked before it is called. */
export function isOfShippo(url: URL, base: string | undefined): boolean {
  const ofBase = base !== undefined && url.origin === new URL(base).origin;
  return ofBase || (url.protocol === 'https:' && labelHosts.test(url.hostname));
}
