import { MemoryUnavailable } from "../../../shared/memory/errors.ts";
import { createInMemory } from "../../../shared/memory/in-memory.ts";
import type { Lease, Memory } from "../../../shared/memory/memory.ts";
import type { Invocation, Wire } from "../invocation.ts";
import { type Look, ownIntents } from "../look.ts";
import type { World } from "../world.ts";

/** DynamoDB as its adapter shows it: quick, and given up after four seconds. */
const WIRE: Wire = {
  latency: [0.005, 0.06],
  patience: 4,
  throttled: () => new MemoryUnavailable("the table throttles"),
  unavailable: (why) => new MemoryUnavailable(`the table did not answer: ${why}`),
};

/** The looks of one run, by workload. A load begins one. */
export type Looks = Map<string, Look>;

/** The real in-memory adapter behind a wire, and a note of what became durable. */
export function memoryFor(invocation: Invocation, looks: Looks, world: World): Memory {
  const store = createInMemory(world.items);
  const leases = new Map<string, Lease>();
  const ask = <T>(effect: () => Promise<T>): Promise<T> => invocation.call(WIRE, effect);
  const versionOf = (workload: string): number => world.items.memories.get(workload)?.version ?? 0;

  return {
    ...store,
    async load(workload) {
      const loaded = await ask(() => store.load(workload));
      const lease = leases.get(workload) ?? null;
      const look: Look = {
        invocation,
        workload,
        lease,
        loaded: loaded.value,
        pools: new Map(),
        signals: new Map(),
        others: null,
        decided: null,
        calls: [],
      };
      looks.set(workload, look);
      return loaded;
    },
    save: (workload, value, expected) =>
      ask(() => {
        const before = world.stored(workload);
        const version = versionOf(workload);
        const saved = store.save(workload, value, expected);
        if (versionOf(workload) === version) return saved;
        world.keep(workload, value);
        world.tell({ kind: "saved", workload, before, after: value, invocation });
        const look = looks.get(workload);
        // Only a decision brings a summary of its own; every other save keeps the one it loaded.
        if (look !== undefined && value.lastDecision !== look.loaded.lastDecision) {
          look.decided = value;
          const moves = ownIntents(look).map((i) => `${i.pool} ${i.from} -> ${i.to}`);
          if (moves.length > 0)
            world.note(`${invocation.id} means ${moves.join(", ")} (${value.lastDecision?.detail})`);
          world.tell({ kind: "decided", look });
        }
        return saved;
      }),
    async acquire(key, holder, ttl, now) {
      const lease = await ask(() => store.acquire(key, holder, ttl, now));
      if (lease !== null) leases.set(key.replace("workload#", ""), lease);
      return lease;
    },
    release: (lease) => ask(() => store.release(lease)),
    append: (entry) =>
      ask(() => {
        world.tell({ kind: "written", where: "the audit", text: JSON.stringify(entry) });
        world.tell({ kind: "audited", entry, invocation });
        return store.append(entry);
      }),
    history: (workload, limit) => ask(() => store.history(workload, limit)),
    recall: (requestId, now) => ask(() => store.recall(requestId, now)),
    remember: (requestId, reply, until) => ask(() => store.remember(requestId, reply, until)),
    noteSpending: (fleet, workload, spending) => ask(() => store.noteSpending(fleet, workload, spending)),
    async spendingOf(fleet) {
      const noted = await ask(() => store.spendingOf(fleet));
      const others = Object.fromEntries(Object.entries(noted).map(([name, { perHour }]) => [name, perHour]));
      for (const look of looks.values()) look.others = others;
      return noted;
    },
    outbox: (key) => ask(() => store.outbox(key)),
    saveOutbox: (key, value, expected) => ask(() => store.saveOutbox(key, value, expected)),
  };
}
