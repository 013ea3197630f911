import { settings, written, type Setting, type SettingName } from '../../config/index.js';

/** The configuration table of the README and `.env.example`, from the list of settings, so that neither can go out of date. */
const entries = (Object.keys(settings) as SettingName[]).map((name) => ({ name, setting: settings[name] }));

function defaultOf({ schema }: Setting): string {
  return written(schema.safeParse(undefined).data);
}

export function settingsTable(): string {
  const rows = entries.map(({ name, setting }) => {
    const fallback = defaultOf(setting);
    return `| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${setting.doc} |`;
  });
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

export function envExample(): string {
  const lines = entries.map(({ name, setting }) => `# ${setting.doc}\n# ${name}=${defaultOf(setting)}\n`);
  const use = `# Every setting with its default. Remove the # in front of what you set. The product reads its environment and no file:
# docker/compose.yml takes a copy as docker/app.env, \`node --env-file=.env dist/src/main.js\` one as .env.`;
  return `${use}\n\n${lines.join('\n')}`;
}

/** @throws Error when the document has lost the marks of that section */
export function between(document: string, section: string, content: string): string {
  const begin = `<!-- ${section}: written by npm run docs -->`;
  const end = `<!-- end of ${section} -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the marks of section ${section} are gone`);
  return `${document.slice(0, from + begin.length)}\n\n${content}\n\n${document.slice(to)}`;
}
