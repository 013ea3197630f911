import { readFile, writeFile } from 'node:fs/promises';
import { between, envExample, settingsTable } from './settings-table.js';
import { stateDiagram } from './state-diagram.js';

/** `npm run docs`: writes what the documents repeat from the code: settings and the state diagram. A test compares them. */
const rewrite = async (file: string, section: string, content: string) => {
  await writeFile(file, between(await readFile(file, 'utf8'), section, content));
};

await rewrite('README.md', 'settings', settingsTable());
await rewrite('ARCHITECTURE.md', 'states', stateDiagram());
await writeFile('.env.example', envExample());
