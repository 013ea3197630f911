import { describe, expect, it } from '@jest/globals';
import { parties } from '../tickets/index.js';
import {
  audienceOf,
  isToldOutside,
  refusalOf,
  writeRefusalOf,
  type Draft,
  type Question,
  type ThreadFacts,
} from './message.policy.js';

const draft = (given: Partial<Draft> = {}): Draft => ({
  audience: 'providers',
  blocks: false,
  awaits: undefined,
  answers: undefined,
  ...given,
});
const facts = (given: Partial<ThreadFacts> = {}): ThreadFacts => ({
  status: 'sent',
  isOpenToAll: true,
  parties,
  question: undefined,
  ...given,
});
const question = (given: Partial<Question> = {}): Question => ({
  blocks: true,
  awaits: 'doctor',
  isOfPlatform: false,
  isAnswered: false,
  isDeleted: false,
  ...given,
});

describe('a message', () => {
  it('is news outside of the thread when the patient reads it or operations are to, and not between providers', () => {
    const isTold = (given: Partial<Draft>) => isToldOutside('pharmacy', draft(given), undefined);
    expect(isTold({ audience: 'all' })).toBe(true);
    expect(isTold({ awaits: 'ops' })).toBe(true);
    expect(isTold({ awaits: 'doctor' })).toBe(false);
    expect(isTold({ audience: 'internal' })).toBe(false);
  });

  it('that answers the platform is news to operations, unless they say it themselves', () => {
    const answer = draft({ answers: 'x' });
    const asked = question({ isOfPlatform: true });
    expect(isToldOutside('doctor', answer, asked)).toBe(true);
    expect(isToldOutside('ops', answer, asked)).toBe(false);
    expect(isToldOutside('doctor', answer, question())).toBe(false);
  });

  it('is for the providers, unless a patient writes it or has to answer it', () => {
    expect(parties.map((party) => audienceOf(party, undefined))).toEqual([
      'providers',
      'providers',
      'all',
      'providers',
    ]);
    expect(audienceOf('pharmacy', 'patient')).toBe('all');
  });

  it.each(['sent', 'received', 'processing', 'ready'] as const)('may be written while the ticket is %s', (status) => {
    expect(refusalOf('doctor', draft(), facts({ status }))).toBeUndefined();
  });

  it('is refused on a closed or cancelled ticket, and in a thread without one', () => {
    expect(['closed', 'cancelled', null].map((status) => writeRefusalOf(status as 'closed'))).toEqual([
      'thread.closed',
      'thread.closed',
      'thread.unlinked',
    ]);
  });

  it('before the ticket was sent stays in the own house', () => {
    const unsent = facts({ status: 'created', isOpenToAll: false });
    expect(refusalOf('doctor', draft(), unsent)).toBe('thread.not-sent');
    expect(refusalOf('doctor', draft({ audience: 'all' }), unsent)).toBe('thread.not-sent');
    expect(refusalOf('doctor', draft({ audience: 'internal' }), unsent)).toBeUndefined();
  });

  it.each(['providers', 'internal'] as const)('of a patient is not %s', (audience) => {
    expect(refusalOf('patient', draft({ audience }), facts())).toBe('thread.audience-forbidden');
  });
});

describe('a question that blocks', () => {
  const asks = (given: Partial<Draft>) => draft({ blocks: true, awaits: 'doctor', ...given });

  it.each([
    ['pharmacy', {}, undefined],
    ['pharmacy', { awaits: 'patient', audience: 'all' }, undefined],
    ['ops', {}, 'thread.question-forbidden'],
    ['pharmacy', { awaits: undefined }, 'thread.question-incomplete'],
    ['pharmacy', { blocks: false }, 'thread.question-incomplete'],
    ['doctor', {}, 'thread.awaits-nobody'],
    ['pharmacy', { awaits: 'patient' }, 'thread.awaits-cannot-read'],
    ['pharmacy', { audience: 'internal' }, 'thread.awaits-cannot-read'],
  ] as const)('of %s with %o: %s', (party, given, refusal) => {
    expect(refusalOf(party, asks(given), facts())).toBe(refusal);
  });

  it('is put to a party that takes part', () => {
    expect(refusalOf('pharmacy', asks({}), facts({ parties: ['pharmacy', 'ops'] }))).toBe('thread.awaits-nobody');
  });
});

describe('an answer', () => {
  it.each([
    ['doctor', question(), undefined],
    ['ops', question(), undefined],
    ['pharmacy', question(), 'thread.not-awaited'],
    ['doctor', question({ isAnswered: true }), 'thread.already-answered'],
    ['doctor', question({ blocks: false }), 'thread.not-a-question'],
    ['doctor', question({ isDeleted: true }), 'thread.not-a-question'],
    ['doctor', undefined, 'thread.message-not-found'],
  ] as const)('of %s to %o: %s', (party, asked, refusal) => {
    expect(refusalOf(party, draft({ answers: 'x' }), facts({ question: asked }))).toBe(refusal);
  });

  it('is one the asker can read', () => {
    const hidden = draft({ answers: 'x', audience: 'internal' });
    expect(refusalOf('doctor', hidden, facts({ question: question() }))).toBe('thread.answer-hidden');
  });
});
