/**
 * What can go wrong on demand. `lost`: the call is carried out and its reply never arrives; the others are not carried out.
 * `hang`: no reply and the connection stays open; `reset`: it is cut.
 */
export const FAULTS = ["throttle", "5xx", "hang", "reset", "lost", "denied", "badJson"] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Fault {
  /** The API's name of a call, such as `UpdateNodegroupConfig`; `*` is any. */
  readonly operation: string;
  readonly kind: FaultKind;
  /** How many calls it meets. 1 when absent. */
  readonly times?: number;
}

export interface Faults {
  add(fault: Fault): void;
  /** The fault that this call meets, if any; the oldest first. */
  next(operation: string): FaultKind | null;
  clear(): void;
}

export function createFaults(): Faults {
  let planned: { operation: string; kind: FaultKind; left: number }[] = [];
  return {
    add({ operation, kind, times = 1 }) {
      planned.push({ operation, kind, left: times });
    },
    next(operation) {
      const fault = planned.find((candidate) => candidate.operation === "*" || candidate.operation === operation);
      if (fault === undefined) return null;
      fault.left -= 1;
      planned = planned.filter((candidate) => candidate.left > 0);
      return fault.kind;
    },
    clear() {
      planned = [];
    },
  };
}
