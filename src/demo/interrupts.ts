/** As a shell says it of SIGINT. */
export const interrupted = 130;

/** Terminal, shell and npm each tell a process of one Ctrl-C. */
const sameMomentMs = 1_000;

/** Calls `end` at the first Ctrl-C or SIGTERM; a later one ends the process at once. */
export function onInterrupt(end: () => void): void {
  let first: number | undefined;
  const hear = () => {
    if (first === undefined) {
      first = performance.now();
      end();
    } else if (performance.now() - first > sameMomentMs) process.exit(interrupted);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hear);
}
