import { readFile } from 'node:fs/promises';
import { between, envExample, settingsTable } from '../../src/commands/settings-table.js';
import { stateDiagram } from '../../src/commands/state-diagram.js';

/** The formatter pads tables; the words are what must agree. */
const words = (text: string) => text.replace(/[\s-]+/g, ' ');

describe('the documents', () => {
  it.each([
    ['README.md', 'settings', settingsTable()],
    ['ARCHITECTURE.md', 'states', stateDiagram()],
  ])('%s repeats the %s of the code (npm run docs)', async (file, section, content) => {
    const document = await readFile(file, 'utf8');
    expect(words(document)).toBe(words(between(document, section, content)));
  });

  it('.env.example lists every setting (npm run docs)', async () => {
    expect(await readFile('.env.example', 'utf8')).toBe(envExample());
  });

  it('name no command that package.json does not have', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
    const text = (await readFile('README.md', 'utf8')) + (await readFile('ARCHITECTURE.md', 'utf8'));
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
