import '../utc.js';
import { readFile, writeFile } from 'node:fs/promises';
import { eventsTable } from './events-table.js';
import { figuresTable } from './figures-table.js';
import { between, envExample, settingsTable } from './settings-table.js';
import { stateDiagram } from './state-diagram.js';

/** `npm run docs`: writes what the documents repeat from the code: settings, events, the state diagram and measured figures. A test compares them, but for the figures: those change with every `npm run bench`. */
const rewrite = async (file: string, section: string, content: string) => {
  await writeFile(file, between(await readFile(file, 'utf8'), section, content));
};

await rewrite('README.md', 'settings', settingsTable());
await rewrite('README.md', 'events', eventsTable());
await rewrite('ARCHITECTURE.md', 'states', stateDiagram());
await rewrite('ARCHITECTURE.md', 'figures', figuresTable());
await writeFile('.env.example', envExample());
