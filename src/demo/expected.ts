import type { ReceivedMail, ReceivedSms } from './sandbox-client.js';
import type { Stage, Story } from './story.js';

/** What patients are told, by words of the message: the sandbox knows nothing of our templates. */
const messageWords = {
  enrollment: /one step is needed|complete your order/i,
  'card check': /check your card/i,
  'payment link': /ready to be paid/i,
  'new payment link': /new payment link/i,
  ready: /order is ready(?! to be paid)/i,
  shipped: /being shipped/i,
  'out for delivery': /arrives today/i,
  delivered: /was delivered/i,
  cancelled: /was cancelled/i,
  undelivered: /could not be delivered/i,
} as const;
export type MessageKind = keyof typeof messageWords;
const messageKinds = Object.keys(messageWords) as MessageKind[];

export interface Expected {
  state: string;
  owedCents: number | null;
  labels?: number;
  voidedLabels?: number;
  /** Adult signature on the label. */
  signature?: boolean;
  pharmacyOrders?: number;
  checkoutPages?: number;
  charges?: number;
  refunds?: number;
  paidClaims?: number;
  reversals?: number;
  /** Exactly one email and one text message for each entry. */
  messages: readonly MessageKind[];
  /** Exactly one email, and at most one text message: that waits for the morning, or is one too many for who has agreed to none. */
  byDay?: readonly MessageKind[];
  /** At most one of each: true for a moment only, or held back at night. */
  perhaps?: readonly MessageKind[];
}

/** A prescription, its people, and where to look. */
export interface Seen extends Pick<Story, 'id' | 'order'> {
  stage: Pick<Stage, 'ops' | 'sandbox'>;
}

/** What came out, counted at the vendors; repeats they recognised as repeats are no effects. */
type Counted = Required<Omit<Expected, 'messages' | 'byDay' | 'perhaps'>>;

/** @returns what differs, in words; empty when everything is as expected */
export async function differences(story: Seen, expected: Expected): Promise<string[]> {
  const { messages, byDay = [], perhaps = [], ...wanted } = expected;
  const found = await count(story);
  const wrong = (Object.keys(found) as (keyof Counted)[])
    .filter((name) => found[name] !== (wanted[name] ?? nothing[name]))
    .map((name) => `${name}: ${shown(found[name])} instead of ${shown(wanted[name] ?? nothing[name])}`);
  return [...wrong, ...(await messageDifferences(story, { messages, byDay, perhaps }))];
}

const nothing: Counted = {
  state: '',
  owedCents: null,
  labels: 0,
  voidedLabels: 0,
  signature: false,
  pharmacyOrders: 0,
  checkoutPages: 0,
  charges: 0,
  refunds: 0,
  paidClaims: 0,
  reversals: 0,
};

async function count({ id, stage: { ops, sandbox } }: Seen): Promise<Counted> {
  const [prescription, parcels, sessions] = await Promise.all([
    ops.prescription(id),
    ops.parcels(id),
    sandbox.checkoutSessions(),
  ]);
  const pages = sessions.filter(({ metadata }) => metadata['prescription_id'] === id);
  const intents = new Set(pages.map((page) => page.payment_intent));
  const ours = (reference: unknown) => reference === id;
  const ourClaim = (reference: unknown) => Number(String(reference).split('|')[1]) === prescription.rxNumber;
  const ourIntent = (reference: unknown) => intents.has(String(reference));
  const effects = async (
    vendor: string,
    kind: string,
    isOurs: (reference: unknown) => boolean,
    by: 'key' | 'reference',
  ) =>
    (await sandbox.ledger(vendor, kind)).filter(
      (line) => !line.replayed && isOurs(by === 'key' ? line.key : line.digest['reference']),
    ).length;
  return {
    state: prescription.state,
    owedCents: prescription.owedCents,
    labels: await effects('shippo', 'label', ours, 'reference'),
    voidedLabels: await effects('shippo', 'refund', ours, 'reference'),
    signature: parcels.some((parcel) => parcel.signatureRequired),
    pharmacyOrders: await effects('lifefile', 'order', ours, 'key'),
    checkoutPages: pages.length,
    charges: await effects('stripe', 'charge', ourIntent, 'key'),
    refunds: await effects('stripe', 'refund', ourIntent, 'reference'),
    paidClaims: await effects('switch', 'claim', ourClaim, 'reference'),
    reversals: await effects('switch', 'reversal', ourClaim, 'reference'),
  };
}

async function messageDifferences(
  { stage: { sandbox }, order: { patient } }: Seen,
  { messages, byDay, perhaps }: Required<Pick<Expected, 'messages' | 'byDay' | 'perhaps'>>,
): Promise<string[]> {
  const mails = await sandbox.mailTo(patient.email ?? '');
  const texts = await sandbox.smsTo(patient.phone ?? '');
  const judge = (channel: string, kind: MessageKind, got: number): string[] => {
    const count = (kinds: readonly MessageKind[]) => kinds.filter((one) => one === kind).length;
    const most = count(messages) + count(byDay) + count(perhaps);
    const least = count(messages) + (channel === 'email' ? count(byDay) : 0);
    return got >= least && got <= most ? [] : [`${channel} "${kind}": ${got} instead of ${least}`];
  };
  return messageKinds.flatMap((kind) => [
    ...judge('email', kind, mails.filter((mail: ReceivedMail) => messageWords[kind].test(mail.subject)).length),
    ...judge('SMS', kind, texts.filter((text: ReceivedSms) => messageWords[kind].test(text.body)).length),
  ]);
}

function shown(value: string | number | boolean | null): string {
  return value === null ? 'none' : String(value);
}
