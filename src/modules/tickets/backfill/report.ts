import Table from 'cli-table3';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Decision } from './backfill.store.js';
import { meanings, type Counts, type Outcome } from './outcomes.js';

export function countsTable(counts: Counts): string {
  const table = new Table({
    head: ['outcome', 'count', ''],
    colWidths: [22, 10, 60],
    colAligns: ['left', 'right', 'left'],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  table.push(...(Object.keys(meanings) as Outcome[]).map((one) => [one, counts[one], meanings[one]]));
  return table.toString();
}

export interface UnlinkedFile {
  add(decisions: readonly Decision[]): Promise<void>;
  /** Under its name when complete; what an interrupted run wrote keeps `.partial`. @returns where it is */
  end(isComplete: boolean): Promise<string>;
}

/** One JSON object per line and thread: ids and the reason. */
export async function openUnlinkedFile(path: string): Promise<UnlinkedFile> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  const file = await open(partial, 'w', 0o600);
  return {
    add: async (decisions) => {
      await file.appendFile(decisions.map((decision) => `${lineOf(decision)}\n`).join(''));
    },
    end: async (isComplete) => {
      await file.close();
      if (!isComplete) return partial;
      await rename(partial, path);
      return path;
    },
  };
}

function lineOf({ threadId, organizationId, outcome, ticketId, prescriptionId }: Decision): string {
  return JSON.stringify({ threadId, organizationId, reason: outcome, ticketId, prescriptionId });
}
