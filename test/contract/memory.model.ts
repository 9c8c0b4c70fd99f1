import fc from "fast-check";
import type { Memory } from "../../shared/memory/memory.ts";
import type { AuditEntry } from "../../shared/model/audit.ts";
import { EMPTY_MEMORY } from "../../shared/model/memory.ts";

export const entry = (workload: string, data: AuditEntry["data"] = {}): AuditEntry => ({
  workload,
  type: "decided",
  time: "2026-11-20T10:00:00Z",
  data,
});

/** One call of a memory, for the comparison of an adapter with a simple model. */
export type Step =
  | { readonly kind: "save"; readonly workload: string; readonly expected: number; readonly nodes: number }
  | { readonly kind: "load"; readonly workload: string }
  | { readonly kind: "acquire"; readonly key: string; readonly holder: string; readonly now: number }
  | { readonly kind: "release"; readonly key: string; readonly holder: string; readonly epoch: number }
  | { readonly kind: "append"; readonly workload: string };

const workload = fc.constantFrom("a", "b");
const holder = fc.constantFrom("x", "y");
export const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("save" as const), workload, expected: fc.nat(3), nodes: fc.nat(9) }),
  fc.record({ kind: fc.constant("load" as const), workload }),
  fc.record({ kind: fc.constant("acquire" as const), key: workload, holder, now: fc.nat(40) }),
  fc.record({ kind: fc.constant("release" as const), key: workload, holder, epoch: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant("append" as const), workload }),
);
const TTL = 10;

/** What a step comes to, as plain data: a conflict is an answer like any other. */
export async function play(memory: Memory, each: Step): Promise<unknown> {
  switch (each.kind) {
    case "save": {
      const value = { ...EMPTY_MEMORY, recommendations: [{ at: 1, nodes: each.nodes }] };
      return memory.save(each.workload, value, each.expected).catch((error: Error) => error.name);
    }
    case "load": {
      const { value, version } = await memory.load(each.workload);
      return [value.recommendations[0]?.nodes, version];
    }
    case "acquire":
      return (await memory.acquire(each.key, each.holder, TTL, each.now))?.epoch ?? null;
    case "release":
      return memory.release({ ...each, expiresAt: 0 });
    case "append":
      return (await memory.append(entry(each.workload))).sequence;
    default:
      return each satisfies never;
  }
}

/** What a memory must answer to each step, in a few lines. */
export function simpleModel(): (each: Step) => unknown {
  const saved: Record<string, { nodes: number | undefined; version: number }> = {
    a: { nodes: undefined, version: 0 },
    b: { nodes: undefined, version: 0 },
  };
  const leases: Record<string, { holder: string; epoch: number; until: number }> = {};
  const appended: Record<string, number> = { a: 0, b: 0 };
  return (each) => {
    switch (each.kind) {
      case "save":
        if (saved[each.workload]?.version !== each.expected) return "VersionConflict";
        saved[each.workload] = { nodes: each.nodes, version: each.expected + 1 };
        return each.expected + 1;
      case "load":
        return [saved[each.workload]?.nodes, saved[each.workload]?.version];
      case "acquire": {
        const { holder, epoch, until } = leases[each.key] ?? { holder: "", epoch: 0, until: 0 };
        const held = holder !== "" && until > each.now;
        if (held && holder !== each.holder) return null;
        const next = held ? epoch : epoch + 1;
        leases[each.key] = { holder: each.holder, epoch: next, until: each.now + TTL };
        return next;
      }
      case "release": {
        const lease = leases[each.key];
        if (lease?.holder === each.holder && lease.epoch === each.epoch) lease.holder = "";
        return undefined;
      }
      case "append":
        appended[each.workload] = (appended[each.workload] ?? 0) + 1;
        return appended[each.workload];
      default:
        return each satisfies never;
    }
  };
}
