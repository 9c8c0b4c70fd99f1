import type { Random } from "./random.ts";

/** Everything that can go wrong, by the name it is counted under, with the highest rate a seed may draw for it. */
export const FAULTS = {
  /** Of every call: the function dies before it, or after it took effect and before it answered. */
  crash: 0.012,
  /** Of every call: refused for coming too often, without effect. */
  throttle: 0.03,
  /** Of every call: refused, without effect. */
  unavailable: 0.03,
  /** Of every call: carried out, and the answer lost. */
  lostReply: 0.03,
  /** Of every call: no answer until the caller gives up; it lands late, or never. */
  hang: 0.02,
  /** Of every call to a cloud: the credentials are refused. */
  denied: 0.01,
  /** Of every look at a pool: the answer is of some time ago. */
  staleRead: 0.2,
  /** Of every function's run: its clock is wrong, or jumps meanwhile. */
  clockJump: 0.1,
  /** Of every message, tick and alert. */
  dropMessage: 0.15,
  duplicateMessage: 0.2,
  delayMessage: 0.2,
  reorderMessage: 0.2,
  /** Of every read of a signal. */
  missingMetric: 0.1,
  oldMetric: 0.4,
  partialMetric: 0.1,
  nanMetric: 0.1,
  /** Of every minute. */
  policyChange: 0.08,
  secondController: 0.6,
  spotStorm: 0.1,
  stockOut: 0.2,
  operator: 0.5,
  outsider: 0.1,
} as const;

export type Fault = keyof typeof FAULTS;
export const FAULT_KINDS: readonly Fault[] = Object.keys(FAULTS).filter((name): name is Fault => name in FAULTS);

/** The faults of one seed: some of all kinds, each at a rate of its own. */
export interface Swarm {
  /** Whether this fault strikes now. */
  strikes(fault: Fault): boolean;
  /** Whether this fault may strike at all in this seed. */
  has(fault: Fault): boolean;
  /** From now on nothing goes wrong any more. */
  calm(): void;
  readonly calmed: boolean;
  readonly counts: ReadonlyMap<Fault, number>;
  /** For people: what is on, and how often. */
  readonly summary: string;
}

/** Share of the kinds that a seed has on. All at once would hide those that need the others to be quiet. */
const ON = 0.4;

/** The faults of these kinds, each at its highest rate; or, with null, a drawn choice of all kinds at drawn rates. */
export function createSwarm(random: Random, only: readonly Fault[] | null): Swarm {
  const rates = new Map<Fault, number>();
  for (const fault of only ?? []) rates.set(fault, FAULTS[fault]);
  for (const fault of only === null ? FAULT_KINDS : [])
    if (random.chance(ON)) rates.set(fault, FAULTS[fault] * random.between(0.2, 1));
  const counts = new Map<Fault, number>();
  let calmed = false;
  return {
    strikes(fault) {
      const rate = rates.get(fault);
      if (calmed || rate === undefined || !random.chance(rate)) return false;
      counts.set(fault, (counts.get(fault) ?? 0) + 1);
      return true;
    },
    has: (fault) => rates.has(fault),
    calm() {
      calmed = true;
    },
    get calmed() {
      return calmed;
    },
    counts,
    summary: [...rates].map(([fault, rate]) => `${fault} ${(rate * 100).toFixed(1)} %`).join(", ") || "none",
  };
}
