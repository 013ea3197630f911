import '../../utc.js';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { isCalendarDate } from '../../modules/intake/formats/values.js';
import { generate, type GeneratedPrescription, type GenerateOptions } from './generate.js';
import { sendingDay } from './order.js';

const USAGE = `Writes invented prescriptions: SCRIPT XML in two dialects, JSON and FHIR.
  --count n      how many (10)
  --seed s       a whole number; the same seed and date give the same bytes (1)
  --defects p    share with one fault, 0 to 1 (0)
  --date d       the day they are sent, YYYY-MM-DD (today)
  --out dir|-    a folder for one file each, or - for one JSON object per line (-)
`;

export interface Command extends GenerateOptions {
  out: string;
}

/** @throws Error with a sentence for the person at the terminal. */
export function readCommand(args: string[], today: string): Command | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      count: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      defects: { type: 'string', default: '0' },
      date: { type: 'string', default: today },
      out: { type: 'string', default: '-' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (!isCalendarDate(values.date)) throw new Error('--date is a day of the calendar, YYYY-MM-DD');
  return {
    count: ranged('--count', values.count, 0, 10_000_000, Number.isInteger),
    seed: ranged('--seed', values.seed, 0, 2 ** 32 - 1, Number.isInteger),
    defects: ranged('--defects', values.defects, 0, 1, Number.isFinite),
    date: values.date,
    out: values.out,
  };
}

function ranged(name: string, text: string, min: number, max: number, accepts: (value: number) => boolean): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!accepts(value) || value < min || value > max) throw new Error(`${name} is a number from ${min} to ${max}`);
  return value;
}

/** `00001-script-2017071-valid.xml`, `00002-json-npi-check-digit.json` */
export function fileName(index: number, { format, contentType, defect }: GeneratedPrescription): string {
  const extension = contentType === 'application/xml' ? 'xml' : 'json';
  return `${String(index + 1).padStart(5, '0')}-${format}-${defect ?? 'valid'}.${extension}`;
}

async function run(args: string[]): Promise<void> {
  const command = readCommand(args, sendingDay());
  if (command === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  if (command.out === '-') {
    await pipeline(Readable.from(lines(command)), process.stdout, { end: false });
    return;
  }
  await mkdir(command.out, { recursive: true });
  let index = 0;
  for (const one of generate(command)) {
    await writeFile(join(command.out, fileName(index, one)), one.body);
    index += 1;
  }
  process.stderr.write(`${index} prescriptions written to ${command.out}\n`);
}

function* lines(options: GenerateOptions): Generator<string, void, undefined> {
  for (const one of generate(options)) yield `${JSON.stringify(one)}\n`;
}

/** A reader that has seen enough (`| head`) is no failure. */
function isClosedPipe(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  run(process.argv.slice(2)).catch((error: unknown) => {
    if (isClosedPipe(error)) return;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exitCode = 1;
  });
}
