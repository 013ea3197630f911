import type { DocumentedOperation } from '../operations.js';
import { ask, comparable, faultOf, type Answer, type Target } from './ask.js';
import { callers, owners, type CallerName, type OwnerName } from './reach.js';
import { expected, type Expected, type Row } from './table.js';

/** Everything that is wrong with an operation, for every caller and every owner; nothing when all is well. */
export async function faultsOf(target: Target, row: Row, operation: DocumentedOperation): Promise<string[]> {
  const faults: string[] = [];
  for (const caller of callers) faults.push(...(await faultsFor(target, row, operation, caller)));
  return faults;
}

async function faultsFor(
  target: Target,
  row: Row,
  operation: DocumentedOperation,
  caller: CallerName,
): Promise<string[]> {
  const faults: string[] = [];
  const refusals = new Map<Expected, Map<OwnerName, string>>();
  for (const owner of row.thing === undefined ? (['own'] as const) : owners) {
    const what = expected(row, caller, owner);
    const answer = await ask(target, row, operation, caller, owner);
    const about = `${caller}, ${row.thing ?? 'nothing'} of ${owner}`;
    const fault = faultOf(what, row, operation, answer);
    if (fault !== undefined) faults.push(`${about}: ${fault}`);
    for (const id of leaksIn(target, answer, row, caller, owner)) faults.push(`${about}: the answer shows ${id}`);
    if (what !== 'reached' && what !== 'unproven') {
      refusals.set(what, (refusals.get(what) ?? new Map<OwnerName, string>()).set(owner, comparable(answer)));
    }
  }
  return [...faults, ...[...refusals].flatMap(([what, same]) => differences(`${caller}, ${what}`, same))];
}

/** What is not the caller's must look like what does not exist, to the letter. */
function differences(about: string, answers: ReadonlyMap<OwnerName, string>): string[] {
  return new Set(answers.values()).size <= 1 ? [] : [`${about} differs: ${JSON.stringify([...answers])}`];
}

/** What the caller named may come back; any other foreign id may not. */
function leaksIn({ world }: Target, { text }: Answer, row: Row, caller: CallerName, owner: OwnerName): string[] {
  const asked = row.thing === undefined ? undefined : world.pathOf(row.thing, owner);
  const shown = row.listsDenied === true ? withoutDenied(text) : text;
  return world.hiddenFrom(caller).filter((id) => id !== asked && shown.includes(id));
}

function withoutDenied(text: string): string {
  const { items = [], ...rest } = JSON.parse(text) as { items?: { outcome: string }[] };
  return JSON.stringify([items.filter(({ outcome }) => outcome !== 'denied'), rest]);
}
