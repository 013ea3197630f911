import { readFileSync } from 'node:fs';

/** Of the processors' time, what may go to neighbours on the same hardware during a round that counts. */
const tolerable = 0.05;
/** So many times as many rounds are run before disturbed ones count as well, the least disturbed first. */
const patience = 4;

/**
 * Runs `round` once to warm up and then until enough rounds were undisturbed: what the neighbours of a virtual machine take
 * is missing to one side or the other by chance. Where the system does not tell, every round is taken for undisturbed.
 */
export async function calmRounds<R>(
  wanted: number,
  log: (line: string) => void,
  round: (index: number) => Promise<R>,
): Promise<R[]> {
  await round(0);
  const done: { result: R; stolen: number }[] = [];
  const calm = () => done.filter(({ stolen }) => stolen <= tolerable).length;
  for (let index = 1; calm() < wanted && index <= wanted * patience; index += 1) {
    const before = processorTime();
    const result = await round(index);
    const stolen = stolenSince(before);
    done.push({ result, stolen });
    if (stolen > tolerable) log(`    disturbed: neighbours took ${(stolen * 100).toFixed(0)} % of the processors`);
  }
  return done
    .sort((left, right) => left.stolen - right.stolen)
    .slice(0, wanted)
    .map(({ result }) => result);
}

interface ProcessorTime {
  stolen: number;
  all: number;
}

/** In ticks since the machine started; the columns of `cpu` are described in proc_stat(5). */
function processorTime(): ProcessorTime {
  if (process.platform !== 'linux') return { stolen: 0, all: 0 };
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, stolen = 0] = (
    /^cpu +(.+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? ''
  )
    .split(' ')
    .map(Number);
  return { stolen, all: user + nice + system + idle + iowait + irq + softirq + stolen };
}

function stolenSince(before: ProcessorTime): number {
  const now = processorTime();
  return (now.stolen - before.stolen) / Math.max(1, now.all - before.all);
}
