import { parseArgs } from 'node:util';

const defaultSpeed = '43200';

export const usage = `npm run demo               shows prescriptions of every fate, then keeps serving until Ctrl-C
npm run demo -- --exit     the same, and ends: status 0 when every fate was as expected, else 1
  --speed n                simulated seconds per second at carriers and pharmacies; without it SANDBOX_SPEED, or
                           ${defaultSpeed}: four days are eight seconds
`;

export interface DemoOptions {
  exit: boolean;
  speed: number;
}

/** @throws Error when the speed is no number above 0 */
export function readOptions(args: string[], env: Readonly<Record<string, string | undefined>>): DemoOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      exit: { type: 'boolean', default: false },
      speed: { type: 'string', default: env['SANDBOX_SPEED'] || defaultSpeed },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const speed = Number(values.speed);
  if (!Number.isFinite(speed) || speed <= 0) throw new Error('--speed, or SANDBOX_SPEED, is a number above 0');
  return { exit: values.exit, speed };
}
