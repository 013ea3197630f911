/** One named move of a state machine. `from: []` creates. */
export interface Move<S extends string> {
  from: readonly S[];
  to: S;
}

export type Machine<S extends string, A extends string> = Readonly<Record<A, Move<S>>>;

/**
 * Checks a table at start-up: every state is reachable, every state but the final ones is left by some move.
 * @throws Error naming all faults at once.
 */
export function checkMachine<S extends string, A extends string>(
  name: string,
  machine: Machine<S, A>,
  states: readonly S[],
  final: readonly S[],
): void {
  const moves = Object.entries<Move<S>>(machine);
  const reached = new Set(moves.map(([, move]) => move.to));
  const left = new Set(moves.flatMap(([, move]) => move.from));
  const known = new Set(states);
  const faults = [
    ...states.filter((state) => !reached.has(state)).map((state) => `${state} is never reached`),
    ...states.filter((state) => !final.includes(state) && !left.has(state)).map((state) => `${state} is never left`),
    ...moves.flatMap(([action, move]) =>
      [...move.from, move.to]
        .filter((state) => !known.has(state))
        .map((state) => `${action} names unknown state ${state}`),
    ),
  ];
  if (faults.length > 0) throw new Error(`state machine ${name}: ${faults.join('; ')}`);
}

/** A Mermaid state diagram of the table, for the documentation. */
export function drawMachine<S extends string, A extends string>(machine: Machine<S, A>): string {
  const arrows = Object.entries<Move<S>>(machine).flatMap(([action, move]) =>
    (move.from.length === 0 ? ['[*]'] : move.from).map((from) => `  ${from} --> ${move.to}: ${action}`),
  );
  return ['stateDiagram-v2', ...arrows].join('\n');
}
