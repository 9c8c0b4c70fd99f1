import type { Outcome } from "./simulate.ts";
import type { Fault } from "./swarm.ts";

/** The figures of many seeds, as one process passes them to another. */
export interface Total {
  readonly seeds: number;
  readonly steps: number;
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  readonly failures: readonly { readonly seed: number; readonly name: string; readonly text: string }[];
}

export function total(outcomes: readonly Outcome[]): Total {
  const faults: Partial<Record<Fault, number>> = {};
  for (const { faults: counted } of outcomes)
    for (const [fault, times] of counted) faults[fault] = (faults[fault] ?? 0) + times;
  const failures = outcomes.flatMap(({ seed, failure }) =>
    failure === null ? [] : [{ seed, name: failure.name, text: failure.text }],
  );
  return { seeds: outcomes.length, steps: outcomes.reduce((sum, o) => sum + o.steps, 0), faults, failures };
}

/** What a person needs to understand a failed seed and to see it again; nothing for one that held. */
export function report({ seed, failure }: Outcome): readonly string[] {
  if (failure === null) return [];
  const { name, text, step, lines, swarm } = failure;
  return [
    ...lines.map((line) => `  ${line}`),
    `seed ${seed}, step ${step}: ${name} does not hold: ${text}`,
    `  faults: ${swarm}`,
    `  again: npm run simulate -- --seed ${seed}`,
  ];
}
