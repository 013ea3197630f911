import type { Party, TicketStatus } from '../tickets/index.js';
import type { Audience } from './message.entity.js';

/** What somebody wants to say. */
export interface Draft {
  audience: Audience;
  blocks: boolean;
  awaits: Party | undefined;
  answers: string | undefined;
}

/** What a message has to fit. */
export interface ThreadFacts {
  /** Null for a thread of the older system that belongs to no ticket yet. */
  status: TicketStatus | null;
  /** It was sent; or there is no pharmacy on it, and it is about no prescription that one will get. */
  isOpenToAll: boolean;
  /** Who takes part now; asked for when somebody is to answer. */
  parties: readonly Party[];
  /** The message `answers` names, if the sender sees it. */
  question: Question | undefined;
}

export interface Question {
  blocks: boolean;
  awaits: Party | null;
  /** What a payer's reject made the platform ask: operations alone go on with the answer. */
  isOfPlatform: boolean;
  isAnswered: boolean;
  isDeleted: boolean;
}

/** Patients write for everybody; a question goes to whom it is put to; the rest is between the providers. */
export function audienceOf(party: Party, awaits: Party | undefined): Audience {
  return party === 'patient' || awaits === 'patient' ? 'all' : 'providers';
}

/**
 * What is to be told to somebody who may not be looking: to the patient what is said to all, to operations what awaits them, and
 * what others answer to the platform.
 */
export function isToldOutside(
  party: Party,
  { audience, awaits }: Pick<Draft, 'audience' | 'awaits'>,
  question: Question | undefined,
): boolean {
  return audience === 'all' || awaits === 'ops' || (party !== 'ops' && question?.isOfPlatform === true);
}

const endedStatuses: ReadonlySet<string> = new Set<TicketStatus>(['closed', 'cancelled']);

type Rule = (party: Party, draft: Draft, facts: ThreadFacts) => boolean;

/** Why nothing may be written, changed or uploaded any more, or yet. */
export function writeRefusalOf(status: TicketStatus | null): 'thread.unlinked' | 'thread.closed' | undefined {
  if (status === null) return 'thread.unlinked';
  return endedStatuses.has(status) ? 'thread.closed' : undefined;
}

/** In the order in which they are told. */
const messageRules = {
  'thread.audience-forbidden': (party, { audience }) => party === 'patient' && audience !== 'all',
  'thread.not-sent': (_party, { audience }, { isOpenToAll }) => !isOpenToAll && audience !== 'internal',
  'thread.question-forbidden': (party, { blocks }) => blocks && party !== 'doctor' && party !== 'pharmacy',
  'thread.question-incomplete': (_party, { blocks, awaits }) => blocks !== (awaits !== undefined),
  'thread.awaits-nobody': (party, { awaits }, { parties }) =>
    awaits !== undefined && (awaits === party || !parties.includes(awaits)),
  'thread.awaits-cannot-read': (_party, { awaits, audience }) =>
    awaits !== undefined && (audience === 'internal' || (awaits === 'patient' && audience !== 'all')),
  'thread.message-not-found': (_party, { answers }, { question }) => answers !== undefined && question === undefined,
  'thread.not-a-question': (_party, _draft, { question }) =>
    question !== undefined && (!question.blocks || question.isDeleted),
  'thread.not-awaited': (party, _draft, { question }) =>
    question !== undefined && question.awaits !== party && party !== 'ops',
  'thread.already-answered': (_party, _draft, { question }) => question?.isAnswered === true,
  'thread.answer-hidden': (_party, { answers, audience }) => answers !== undefined && audience === 'internal',
} as const satisfies Readonly<Record<string, Rule>>;

export type MessageRefusal = keyof typeof messageRules | NonNullable<ReturnType<typeof writeRefusalOf>>;

const messageCodes = Object.keys(messageRules) as (keyof typeof messageRules)[];

/** The code of the first rule a message breaks. */
export function refusalOf(party: Party, draft: Draft, facts: ThreadFacts): MessageRefusal | undefined {
  return writeRefusalOf(facts.status) ?? messageCodes.find((code) => messageRules[code](party, draft, facts));
}
