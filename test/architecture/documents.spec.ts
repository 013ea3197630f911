import { readFile } from 'node:fs/promises';
import { loadConfig } from '../../config/index.js';
import { eventsTable } from '../../src/commands/events-table.js';
import { between, envExample, settingsTable } from '../../src/commands/settings-table.js';
import { stateDiagram } from '../../src/commands/state-diagram.js';

/** The formatter pads tables; the words are what must agree. */
const words = (text: string) => text.replace(/[\s-]+/g, ' ');

const readmeOrder = [
  'Run it',
  'How it flows',
  'Tour',
  'Configuration',
  'Going live',
  'Connecting each vendor',
  'Scaling out',
  'When something is wrong',
  'Development',
  'Licence',
];
/** Three minutes at 300 words each, and some names one glances over. */
const mostWords = 940;

describe('the documents', () => {
  it.each([
    ['README.md', 'settings', settingsTable()],
    ['README.md', 'events', eventsTable()],
    ['ARCHITECTURE.md', 'states', stateDiagram()],
  ])('%s repeats the %s of the code (npm run docs)', async (file, section, content) => {
    const document = await readFile(file, 'utf8');
    expect(words(document)).toBe(words(between(document, section, content)));
  });

  it('.env.example lists every setting (npm run docs)', async () => {
    expect(await readFile('.env.example', 'utf8')).toBe(envExample());
  });

  it('.env.example gives defaults as one would write them', () => {
    const written = [...envExample().matchAll(/^# ([A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
    expect(loadConfig(Object.fromEntries(written) as Record<string, string>)).toEqual(loadConfig({}));
  });

  it('README.md has what a stranger asks for, in that order, and is read in three minutes', async () => {
    const open = (await readFile('README.md', 'utf8')).replaceAll(/<details>.*?<\/details>/gs, '');
    expect([...open.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(readmeOrder);
    const prose = open.replaceAll(/^ *```.*?^ *```$/gms, '').split(/[\s|]+/);
    expect(prose.filter((word) => /\w/.test(word)).length).toBeLessThanOrEqual(mostWords);
  });

  it('README.md folds what is for looking up so that GitHub still renders it', async () => {
    const lines = (await readFile('README.md', 'utf8')).split('\n');
    const unfolded = lines.filter(
      (line, at) =>
        (line.startsWith('<summary>') && (lines[at - 1] !== '<details>' || lines[at + 1] !== '')) ||
        (line === '</details>' && lines[at - 1] !== ''),
    );
    expect(unfolded).toEqual([]);
  });

  it('name no command that package.json does not have', async () => {
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
    const text = (await readFile('README.md', 'utf8')) + (await readFile('ARCHITECTURE.md', 'utf8'));
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('alerts.yml says its words as one text each: a comma within bare braces would begin another key', async () => {
    expect(await readFile('docker/alerts.yml', 'utf8')).not.toMatch(/\{ summary: (?!')/);
  });

  it('alerts.yml asks how fast counters rise, and only counters', async () => {
    const rules = await readFile('docker/alerts.yml', 'utf8');
    const rising = [...rules.matchAll(/\b(?:increase|rate|irate)\((\w+)/g)].map(([, metric = '']) => metric);
    expect(rising.filter((metric) => !metric.endsWith('_total'))).toEqual([]);
  });
});
