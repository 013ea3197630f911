import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newId } from '../../platform/ids/index.js';
import { AnchorFile, anchorFileOf, type FileLine } from './anchor-file.js';
import { noOrganization } from './audit-chain.js';

describe('the anchor file', () => {
  let folder: string;
  let file: AnchorFile;
  const anchor = (seq: number, chain = newId()) => ({
    chain,
    seq,
    hash: Buffer.alloc(32, seq),
    sealedAt: new Date('2026-11-21T01:28:00Z'),
  });
  const read = async (): Promise<FileLine[]> => {
    const lines: FileLine[] = [];
    for await (const line of file.lines()) lines.push(line);
    return lines;
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-anchors-'));
    file = new AnchorFile(path.join(folder, 'new', 'anchors.jsonl'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('gives back what was appended, and is for its owner only', async () => {
    const [first, second, third] = [anchor(1), anchor(2, noOrganization), anchor(3)];
    await file.append([first, second]);
    await file.append([third]);
    expect(await read()).toMatchObject(
      [first, second, third].map(({ chain, seq, hash }, at) => ({ number: at + 1, anchor: { chain, seq, hash } })),
    );
    expect(JSON.parse((await readFile(file.path, 'utf8')).split('\n')[1] ?? '')).toEqual({
      organization: null,
      seq: 2,
      hash: '02'.repeat(32),
      at: '2026-11-21T01:28:00.000Z',
    });
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  });

  it('reads more than one piece of the disk', async () => {
    const anchors = Array.from({ length: 2_000 }, (_, at) => anchor(at + 1));
    await file.append(anchors);
    expect((await read()).map((line) => line.anchor?.seq)).toEqual(anchors.map(({ seq }) => seq));
  });

  it('begins a line of its own after half a line', async () => {
    await file.append([anchor(1)]);
    await appendFile(file.path, '{"organiz');
    await file.append([anchor(2)]);
    expect((await read()).map((line) => line.anchor?.seq)).toEqual([1, undefined, 2]);
  });

  it('is set aside under another name, if there is one', async () => {
    expect(await file.setAside(new Date())).toBeUndefined();
    await file.append([anchor(1)]);
    const aside = await file.setAside(new Date('2026-11-21T01:28:00Z'));
    expect(aside).toBe(`${file.path}.2026-11-21T01-28-00-000Z`);
    await expect(read()).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await stat(aside ?? '')).size).toBeGreaterThan(0);
  });

  it('lies in the data folder unless told', () => {
    expect(anchorFileOf({ DATA_DIR: 'data', AUDIT_ANCHOR_FILE: undefined }).path).toBe('data/audit-anchors.jsonl');
    expect(anchorFileOf({ DATA_DIR: 'data', AUDIT_ANCHOR_FILE: '/safe/a' }).path).toBe('/safe/a');
  });
});
