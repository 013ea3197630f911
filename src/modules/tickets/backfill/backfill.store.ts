import type { Tx } from '../../../platform/db/index.js';
import { newId } from '../../../platform/ids/index.js';
import * as sql from './backfill.sql.js';
import type { Reason } from './outcomes.js';

/** Ids only: a thread's texts, and an order_id that is no id, may name a person. */
export interface Decision {
  threadId: string;
  organizationId: string;
  ticketId: string | null;
  prescriptionId: string | null;
  outcome: 'thread-linked' | Reason;
}

interface Link extends Decision {
  ticketId: string;
  prescriptionId: string;
  outcome: 'thread-linked';
}

interface Count extends Record<string, number> {
  count: number;
}

export const isLink = (decision: Decision): decision is Link => decision.outcome === 'thread-linked';

/** The earliest id there can be is no id of a row. */
export const beforeAll = '00000000-0000-0000-0000-000000000000';

export async function pageOf(tx: Tx, text: string, after: string, organizationId?: string): Promise<string[]> {
  await tx.send(sql.byIndex);
  return (await tx.query<{ id: string }>(text, [after, organizationId ?? null])).map(({ id }) => id);
}

export function decide(tx: Tx, threadIds: readonly string[]): Promise<Decision[]> {
  return tx.query(sql.decide, [threadIds]);
}

export async function linkPrescriptions(tx: Tx, ticketIds: readonly string[], now: Date): Promise<number> {
  await tx.query(sql.lockTickets, [ticketIds]);
  return countOf(await tx.query<Count>(sql.linkPrescriptions, [ticketIds, ticketIds.map(newId), now]));
}

export async function makeThreads(tx: Tx, ticketIds: readonly string[]): Promise<number> {
  await tx.query(sql.lockTickets, [ticketIds]);
  return countOf(await tx.query<Count>(sql.makeThreads, [ticketIds]));
}

/** Decided once to know whom to lock, and again under the locks: what a person did in between counts. */
export async function linkThreads(tx: Tx, threadIds: readonly string[], now: Date): Promise<Decision[]> {
  const decisions = await decide(tx, threadIds);
  const wished = decisions.filter(isLink);
  if (wished.length === 0) return decisions;
  const [threads, tickets] = [wished.map(({ threadId }) => threadId), wished.map(({ ticketId }) => ticketId)];
  await makeThreads(tx, tickets);
  // A thread a ticket made for itself has the ticket's id; only such a one is replaced.
  await tx.query(sql.lockThreads, [[...threads, ...tickets]]);
  const locked = new Set(tickets);
  // What came to name another ticket in between waits for the next run.
  const settled = (await decide(tx, threads)).filter((one) => !isLink(one) || locked.has(one.ticketId));
  await replace(tx, settled.filter(isLink), now);
  return [...decisions.filter((decision) => !isLink(decision)), ...settled];
}

async function replace(tx: Tx, links: readonly Link[], now: Date): Promise<void> {
  if (links.length === 0) return;
  const [threads, tickets] = [links.map(({ threadId }) => threadId), links.map(({ ticketId }) => ticketId)];
  await tx.send(sql.carryMembers, [threads, tickets]);
  await tx.send(sql.dropReads, [tickets]);
  await tx.send(sql.dropMembers, [tickets]);
  const prescriptions = links.map(({ prescriptionId }) => prescriptionId);
  const linked = await tx.query<Count>(sql.replaceThreads, [threads, tickets, prescriptions, links.map(newId), now]);
  if (countOf(linked) !== links.length) throw new Error('a thread changed under its lock');
}

function countOf(rows: readonly Count[]): number {
  return rows[0]?.count ?? 0;
}
