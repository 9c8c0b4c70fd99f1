/** One way in which vramp could be broken: a text of one file, and what stands there instead. */
export interface Mutant {
  readonly name: string;
  /** What is broken, in words. */
  readonly breaks: string;
  /** From the project's folder. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const reconcile = "shared/reconcile/reconcile.ts";
const act = "shared/reconcile/act.ts";
const reading = "shared/model/reading.ts";
const conditions = "shared/decide/conditions.ts";
const history = "shared/decide/history.ts";
const overrides = "shared/decide/stages/overrides.ts";
const rules = "shared/decide/demand/rules.ts";
const inMemory = "shared/memory/in-memory.ts";

/** Each of them must be noticed. `find` stands exactly once in its file. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "no-lease",
    breaks: "whoever asks for a lease gets it",
    file: inMemory,
    find: "if (held && before.holder !== holder) return null;",
    replace: "",
  },
  {
    name: "one-name-for-all",
    breaks: "every run takes the lease under the same name, and so shares it",
    file: reconcile,
    find: "await deps.memory.acquire(key, deps.newId(), LEASE_TTL, deps.clock())",
    replace: 'await deps.memory.acquire(key, "vramp", LEASE_TTL, deps.clock())',
  },
  {
    name: "last-save-wins",
    breaks: "a save does not look whether somebody else saved in between",
    file: inMemory,
    find: "if ((items.memories.get(workload)?.version ?? 0) !== expected)",
    replace: "if (expected < 0)",
  },
  {
    name: "no-intent",
    breaks: "a call is made that no intent announced",
    file: reconcile,
    find: "intents: [...seen.decided.memory.intents, ...intents] };",
    replace: "intents: [...seen.decided.memory.intents] };",
  },
  {
    name: "another-intent",
    breaks: "the cloud is asked for one node more than was noted",
    file: act,
    find: "await pools.resize(pool, to, keyOf(intent), abort)",
    replace: "await pools.resize(pool, to + 1, keyOf(intent), abort)",
  },
  {
    name: "open-intent-ignored",
    breaks: "a pool is asked again while the outcome of the call before is not known",
    file: act,
    find: 'if (memory.intents.some((i) => i.pool === pool.name)) return "OperationInProgress";',
    replace: "",
  },
  {
    name: "intent-never-settled",
    breaks: "a call whose outcome was not heard is waited for for ever",
    file: "shared/reconcile/intents.ts",
    find: '(r.kind === "running" ? [r.intent] : [])',
    replace: '(r.kind === "running" || r.intent.operation === null ? [r.intent] : [])',
  },
  {
    name: "wrong-revision",
    breaks: "intents do not say which policy decided them",
    file: act,
    find: "policyRevision: revision,",
    replace: 'policyRevision: "unknown",',
  },
  {
    name: "unknown-is-zero",
    breaks: "a signal that cannot be read is taken for zero",
    file: reading,
    find: '    case "unknown":\n      return observation;',
    replace: '    case "unknown":\n      return { kind: "known", value: 0, at: now, age: 0, series: zeroSince(now) };',
  },
  {
    name: "empty-is-zero",
    breaks: "no series is taken for zero, whether or not there are nodes",
    file: reading,
    find: '    case "empty":\n      return unknown("empty");',
    replace: '    case "empty":\n      return { kind: "known", value: 0, at: now, age: 0, series: zeroSince(now) };',
  },
  {
    name: "old-is-fresh",
    breaks: "a sample of any age speaks for now",
    file: reading,
    find: "if (!(age <= signal.maxAge)) {",
    replace: "if (age < 0) {",
  },
  {
    name: "blank-is-a-value",
    breaks: "NaN, infinities and exporters' blanks are values like any other",
    file: reading,
    find: "const wrong = fault(signal, value);",
    replace: "const wrong = fault(signal, 0);",
  },
  {
    name: "gaps-are-filled",
    breaks: "a condition holds for its window however few samples there are",
    file: conditions,
    find: "if (covered < MIN_COVERAGE) {",
    replace: "if (covered < 0) {",
  },
  {
    name: "no-for",
    breaks: "a condition holds at once",
    file: conditions,
    find: "if (brokenWithin(condition, series, from)) {",
    replace: "if (brokenWithin(condition, series, now)) {",
  },
  {
    name: "pause-ignored",
    breaks: "a pause forbids nothing",
    file: overrides,
    find: 'return { ...draft, pausedUp, pausedDown: o.direction === "out" ? draft.pausedDown : block };',
    replace: "return { ...draft, pausedUp: draft.pausedUp };",
  },
  {
    name: "pause-one-way",
    breaks: "a pause of scaling in forbids scaling out instead",
    file: overrides,
    find: 'const pausedUp = o.direction === "in" ? draft.pausedUp : block;',
    replace: 'const pausedUp = o.direction === "out" ? draft.pausedUp : block;',
  },
  {
    name: "hold-ignored",
    breaks: "a hold holds nothing",
    file: overrides,
    find: "return { ...draft, floor: limit, ceiling: limit };",
    replace: "return { ...draft, floor: limit };",
  },
  {
    name: "overrides-forgotten",
    breaks: "a look forgets what operators said",
    file: history,
    find: "overrides: inForce(memory.overrides, now),",
    replace: "overrides: inForce(memory.overrides, now).slice(1),",
  },
  {
    name: "max-ignored",
    breaks: "the size may pass nodes.max",
    file: "shared/decide/decide.ts",
    find: 'ceiling: { nodes: max, reason: "AtMaximum"',
    replace: 'ceiling: { nodes: max + 1, reason: "AtMaximum"',
  },
  {
    name: "min-ignored",
    breaks: "the size may fall below nodes.min",
    file: "shared/decide/decide.ts",
    find: 'floor: { nodes: min, reason: "AtMinimum"',
    replace: 'floor: { nodes: 0, reason: "AtMinimum"',
  },
  {
    name: "budget-ignored",
    breaks: "what would cost too much is asked for all the same",
    file: "shared/decide/budget.ts",
    find: "if (perHour !== undefined && exceeds(rate, perHour)) {",
    replace: "if (perHour !== undefined && exceeds(rate, perHour * 100)) {",
  },
  {
    name: "others-cost-nothing",
    breaks: "every workload has the whole budget to itself",
    file: "shared/decide/budget.ts",
    find: "const rate = own + others.perHour;",
    replace: "const rate = own;",
  },
  {
    name: "no-cooldown",
    breaks: "a rule acts on evidence that is older than the present size",
    file: rules,
    find: "if (settled === null || now - settled >= window || memory.lastChange === null) return null;",
    replace: "if (settled === null || now >= settled || memory.lastChange === null) return null;",
  },
  {
    name: "adds-while-under-way",
    breaks: "a rule adds again while the nodes it asked for boot",
    file: rules,
    find: "return memory.lastChange.settledAt ?? (now >= timeout ? timeout : null);",
    replace: "return memory.lastChange.settledAt ?? memory.lastChange.at;",
  },
  {
    name: "break-before-make",
    breaks: "a pool gives up ready nodes before others are ready in their place",
    file: "shared/decide/capacity/move.ts",
    find: "let missing = Math.max(0, Math.min(want, ready) - readyInPlace);",
    replace: "let missing = Math.min(0, want + ready + readyInPlace);",
  },
  {
    name: "left-alone-for-ever",
    breaks: "a pool that failed once is never asked again",
    file: "shared/decide/capacity/health.ts",
    find: "backoffUntil: now + backoff(trouble, past.failures + 1, rules),",
    replace: "backoffUntil: now + 1e6 * backoff(trouble, past.failures + 1, rules),",
  },
  {
    name: "busy-is-idle",
    breaks: "nodes that work are taken for idle",
    file: "shared/decide/scale-in/loads.ts",
    find: 'if (reading.value > 0) return { kind: "busy", value: reading.value };',
    replace: 'if (reading.value > 0) return { kind: "idle" };',
  },
  {
    name: "silence-is-idle",
    breaks: "nodes of which nothing is known are taken for idle",
    file: "shared/decide/scale-in/loads.ts",
    find: 'case "unknown":\n      return { kind: "unknown", detail: reading.detail };',
    replace: 'case "unknown":\n      return { kind: "idle" };',
  },
  {
    name: "never-asleep-again",
    breaks: "what demand woke in the off-hours stays awake",
    file: "shared/decide/calendar/wake.ts",
    find: 'const idle = wakeOn === "false" && demand === 0;',
    replace: 'const idle = wakeOn === "true" && demand === -1;',
  },
  {
    name: "untold",
    breaks: "decisions do not reach the audit",
    file: "shared/reconcile/audit.ts",
    find: "last.want !== want || last.reason !== reason) return true;",
    replace: "last.want !== want) return true;",
  },
  {
    name: "token-in-the-log",
    breaks: "the token that Alertmanager shows is logged",
    file: "functions/alerts/handler.ts",
    find: 'deps.telemetry.info("alerts accepted", {',
    replace: 'deps.telemetry.info("alerts accepted", { headers: event.headers,',
  },
  {
    name: "repeats-swallowed",
    breaks: "an alert that is told again within five minutes wakes nobody",
    file: "functions/alerts/route.ts",
    find: "const facts = [workload, bucket,",
    replace: "const facts = [workload, bucket * 0,",
  },
  {
    name: "tick-wakes-nobody",
    breaks: "the minute's schedule sends nothing",
    file: "functions/tick/handler.ts",
    find: "await deps.queue.send(wakes);",
    replace: "await deps.queue.send([]);",
  },
  {
    name: "throws",
    breaks: "a look fails on a pool that it has never seen",
    file: history,
    find: "else if (last !== undefined) pools[pool.name] = last;",
    replace: "else if (last === undefined) throw new TypeError(pool.name);",
  },
];
