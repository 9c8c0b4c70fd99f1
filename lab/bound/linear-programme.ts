import type { BoundPool, BoundProblem } from "./problem.ts";

/** A linear programme in rows: minimise costs·x with `low` <= A·x <= `high` and 0 <= x <= `upper`. */
export interface LinearProgramme {
  readonly costs: readonly number[];
  readonly upper: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** A, row by row: where each row starts, and its columns and values. */
  readonly starts: readonly number[];
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

const INFINITY = Number.POSITIVE_INFINITY;

/** Minutes that a node is billed for before it can be ready: the fastest boot, 150 s, less the 30 s before it is billed. */
const LEAD = 2;

type Term = readonly [column: number, value: number];

function createBuilder() {
  const [costs, upper, low, high]: number[][] = [[], [], [], []];
  const [starts, indices, values]: [number[], number[], number[]] = [[], [], []];
  return {
    column: (cost: number, most: number): number => {
      costs?.push(cost);
      upper?.push(most);
      return (costs?.length ?? 0) - 1;
    },
    row: (least: number, most: number, terms: readonly Term[]): void => {
      starts.push(indices.length);
      low?.push(least);
      high?.push(most);
      for (const [column, value] of terms) {
        indices.push(column);
        values.push(value);
      }
    },
    built: (): LinearProgramme => ({
      costs: costs ?? [],
      upper: upper ?? [],
      low: low ?? [],
      high: high ?? [],
      starts,
      indices,
      values,
    }),
  };
}

type Builder = ReturnType<typeof createBuilder>;

/** A pool's ready nodes in each minute; null where there is no capacity. What is ready was billed before it. */
function addPool(builder: Builder, { price, capacity }: BoundPool): readonly (number | null)[] {
  const column = (cost: number) => (most: number) => (most > 0 ? builder.column(cost, most) : null);
  const ready = capacity.map(column(0));
  const billed = capacity.map(column(price));
  ready.forEach((r, minute) => {
    if (r === null) return;
    for (let back = 0; back <= LEAD && minute - back >= 0; back += 1) {
      const n = billed[minute - back] ?? null;
      // Where nothing could be billed then, nothing is ready now.
      if (n === null) builder.row(0, 0, [[r, 1]]);
      else
        builder.row(0, INFINITY, [
          [n, 1],
          [r, -1],
        ]);
    }
  });
  return ready;
}

/** The columns of a minute: work that is to be on time, served on time, waiting in time; served late. */
interface Minute {
  readonly arriving: number;
  readonly onTime: number;
  readonly served: number;
  readonly waiting: number;
  readonly servedLate: number;
}

function addMinutes(builder: Builder, work: readonly number[], onTime: number, late: number): readonly Minute[] {
  return work.map((arriving) => ({
    arriving,
    onTime: builder.column(onTime, arriving),
    served: builder.column(0, INFINITY),
    waiting: builder.column(0, INFINITY),
    servedLate: builder.column(late, INFINITY),
  }));
}

/** What waits in time goes over to the next minute, came within the minutes that are on time, and needs nodes to be served. */
function addService({ within, pools }: BoundProblem, builder: Builder, minutes: readonly Minute[]): void {
  const ready = pools.map((pool) => addPool(builder, pool));
  minutes.forEach((minute, t) => {
    const before = minutes[t - 1];
    const carried: readonly Term[] = before === undefined ? [] : [[before.waiting, -1]];
    builder.row(0, 0, [[minute.waiting, 1], ...carried, [minute.onTime, -1], [minute.served, 1]]);
    const recent = minutes.slice(Math.max(0, t - within + 1), t + 1);
    builder.row(-INFINITY, 0, [[minute.waiting, 1], ...recent.map((m): Term => [m.onTime, -1])]);
    const nodes = ready.flatMap((columns): Term[] => {
      const column = columns[t] ?? null;
      return column === null ? [] : [[column, 1]];
    });
    builder.row(0, INFINITY, [...nodes, [minute.served, -1], [minute.servedLate, -1]]);
  });
}

/**
 * The least cost at which anybody who knew the future could serve a problem: minimise price x nodes billed, where nodes are
 * billed two minutes before they are ready, work on time is served within its minutes, and everything is served in the end.
 * Nodes may be fractions, and nothing is first come, first served.
 */
export function linearProgramme(problem: BoundProblem): LinearProgramme {
  const builder = createBuilder();
  const minutes = addMinutes(builder, problem.work, 0, 0);
  const waitingLate = minutes.map(() => builder.column(0, INFINITY));
  addService(problem, builder, minutes);
  minutes.forEach(({ arriving, onTime, servedLate }, t) => {
    const [now, before] = [waitingLate[t] ?? 0, waitingLate[t - 1]];
    const carried: readonly Term[] = before === undefined ? [] : [[before, -1]];
    builder.row(arriving, arriving, [[now, 1], ...carried, [onTime, 1], [servedLate, 1]]);
  });
  for (const left of [minutes.at(-1)?.waiting, waitingLate.at(-1)]) {
    if (left !== undefined) builder.row(0, 0, [[left, 1]]);
  }
  const total = problem.work.reduce((sum, each) => sum + each, 0);
  const onTime = minutes.map((m): Term => [m.onTime, 1]);
  builder.row(total - problem.late, INFINITY, onTime);
  return builder.built();
}

/** A programme for a part of a problem, and which of its columns are work on time. */
export interface PricedProgramme {
  readonly lp: LinearProgramme;
  readonly onTime: readonly number[];
}

/**
 * The same for a part of a problem cut out in time, with prices for what ties it to the rest: each node minute of work that
 * is late costs `lateCost` (less the constant for all work being late), each that is served for any part's late work earns
 * `lateWorth`. What still waits at the end is let go.
 */
export function pricedProgramme(problem: BoundProblem, lateCost: number, lateWorth: number): PricedProgramme {
  const builder = createBuilder();
  const minutes = addMinutes(builder, problem.work, -lateCost, -lateWorth);
  addService(problem, builder, minutes);
  return { lp: builder.built(), onTime: minutes.map((m) => m.onTime) };
}
