import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Config } from '../../../config/index.js';
import { codeOf } from '../../platform/jobs/index.js';
import type { AuditAnchor } from './audit-anchor.entity.js';
import { chainOf, organizationOf } from './audit-chain.js';

const anchorLine = z.object({
  organization: z.guid().nullable(),
  seq: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
});

export interface FileLine {
  number: number;
  /** Undefined when the line cannot be read. */
  anchor: Pick<AuditAnchor, 'chain' | 'seq' | 'hash'> | undefined;
}

/** Where the heads are kept beside the database: who may change rows there should not be able to write here. */
export function anchorFileOf(config: Pick<Config, 'AUDIT_ANCHOR_FILE' | 'DATA_DIR'>): AnchorFile {
  return new AnchorFile(config.AUDIT_ANCHOR_FILE ?? path.join(config.DATA_DIR, 'audit-anchors.jsonl'));
}

/** One JSON line per seal, appended and forced to the disk. Fit for a file system that allows nothing but appending. */
export class AnchorFile {
  constructor(readonly path: string) {}

  /** @throws Error of node:fs when it cannot be written; what it was about has to be given again */
  async append(anchors: readonly AuditAnchor[]): Promise<void> {
    await mkdir(path.dirname(this.path), { recursive: true });
    const file = await open(this.path, 'a+', 0o600);
    try {
      const lines = anchors.map((anchor) => `${JSON.stringify(lineOf(anchor))}\n`).join('');
      await file.appendFile((await endsInTheMiddle(file)) ? `\n${lines}` : lines);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** For a database that begins anew: its chains do. @returns the new place, undefined when there is no file */
  async setAside(at: Date): Promise<string | undefined> {
    const place = `${this.path}.${at.toISOString().replaceAll(/[:.]/g, '-')}`;
    try {
      await rename(this.path, place);
      return place;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** From the beginning. @throws Error of node:fs, code ENOENT when there is none */
  async *lines(): AsyncGenerator<FileLine> {
    const file = await open(this.path, 'r');
    let [number, rest] = [0, ''];
    for await (const chunk of file.createReadStream({ encoding: 'utf8' }) as AsyncIterable<string>) {
      const texts = (rest + chunk).split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) {
        number += 1;
        if (text !== '') yield { number, anchor: read(text) };
      }
    }
    if (rest !== '') yield { number: number + 1, anchor: read(rest) };
  }
}

function lineOf({ chain, seq, hash, sealedAt }: AuditAnchor): z.infer<typeof anchorLine> {
  return { organization: organizationOf(chain), seq, hash: hash.toString('hex'), at: sealedAt.toISOString() };
}

function read(text: string): FileLine['anchor'] {
  try {
    const { organization, seq, hash } = anchorLine.parse(JSON.parse(text));
    return { chain: chainOf(organization), seq, hash: Buffer.from(hash, 'hex') };
  } catch {
    return undefined;
  }
}

/** After a crash or on a full disk the last line may be half: the next one must not hang on it. */
async function endsInTheMiddle(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}
