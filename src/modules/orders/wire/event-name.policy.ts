import type { Plain } from './keys.policy.js';

export const eventNames = [
  'subscription.cancelled',
  'subscription.paused',
  'order.created',
  'order.status_updated',
  'prescription.created',
] as const;
export type EventName = (typeof eventNames)[number];

export type ResolvedEvent =
  | { kind: 'known'; name: EventName }
  /** A word we do not know, or none at all that can be shown. Kept and parked. */
  | { kind: 'unknown'; word: string | undefined }
  /** Two places name two events: the sender is wrong about one of them. */
  | { kind: 'disagreement' };

const letters = (word: string) => word.toLowerCase().replace(/[^a-z]/g, '');

/** `order.status_updated`, `order-status-updated` and `ORDER_STATUS_UPDATED` are one word; so are both spellings of cancelled. */
const knownWords: ReadonlyMap<string, EventName> = new Map([
  ...eventNames.map((name) => [letters(name), name] as const),
  ['subscriptioncanceled', 'subscription.cancelled'],
]);

/** Where an event may be named. */
export interface Said {
  path: string | undefined;
  header: string | undefined;
  body: { readonly [key: string]: Plain };
}

/** The path, else the header, else the body, else its shape. */
export function resolveEvent(said: Said): ResolvedEvent {
  return namedEvent(said) ?? resolveShape(said.body);
}

/** What is said in several places must be one thing. @returns undefined when nobody names the event */
export function namedEvent(said: Said): ResolvedEvent | undefined {
  const words = [said.path, said.header, ...bodyWords(said.body)].filter((word) => word !== undefined && word !== '');
  const [first] = words;
  if (first === undefined) return undefined;
  if (new Set(words.map((word) => meaningOf(word ?? ''))).size > 1) return { kind: 'disagreement' };
  const name = knownWords.get(letters(first));
  return name === undefined ? { kind: 'unknown', word: shown(first) } : { kind: 'known', name };
}

/** The word of an event is stored open: sentences, which may speak of a patient, stay in the sealed body. */
function shown(word: string): string | undefined {
  return /^[\w.:/-]+$/.test(word) ? word : undefined;
}

function meaningOf(word: string): string {
  return knownWords.get(letters(word)) ?? letters(word);
}

/** `event` names nothing else, so any word there counts, known or not. */
const bodyFields: readonly (readonly [field: string, names: (word: string) => boolean])[] = [
  ['event', (word) => word.trim() !== ''],
  ['type', readsAsEvent],
  ['trigger', readsAsEvent],
];

function bodyWords(body: { readonly [key: string]: Plain }): string[] {
  return bodyFields.flatMap(([field, names]) => {
    const word = body[field];
    return typeof word === 'string' && names(word) ? [word] : [];
  });
}

/** `type` is also what CarePortals calls the kind of a product. */
function readsAsEvent(word: string): boolean {
  return knownWords.has(letters(word)) || /^[a-z]+[._][a-z_.]+$/i.test(word);
}

const subscriptionShapes: Readonly<Record<string, EventName>> = {
  cancelled: 'subscription.cancelled',
  canceled: 'subscription.cancelled',
  paused: 'subscription.paused',
};

function resolveShape(body: { readonly [key: string]: Plain }): ResolvedEvent {
  const { status } = body;
  const word = typeof status === 'string' ? status.trim().toLowerCase() : '';
  const name = Object.hasOwn(subscriptionShapes, word) ? subscriptionShapes[word] : undefined;
  if (name !== undefined) return { kind: 'known', name };
  if (body['totalAmount'] !== undefined) return { kind: 'known', name: 'order.created' };
  return { kind: 'unknown', word: undefined };
}
