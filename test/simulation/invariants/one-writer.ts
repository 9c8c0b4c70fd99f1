import type { Invariant } from "./invariant.ts";

export const oneWriter: Invariant = {
  name: "I2",
  says: "At most one open intent for a pool, and nobody calls a cloud without a lease on the workload of its own.",
  watch: ({ items, swarm }) => {
    const callers = new Map<string, string>();
    return (happening) => {
      if (happening.kind === "saved") {
        const pools = happening.after.intents.map((i) => i.pool);
        const twice = pools.find((pool, i) => pools.indexOf(pool) !== i);
        return twice === undefined ? null : `${happening.workload} has two open intents for ${twice}`;
      }
      if (happening.kind !== "called") return null;
      const { look, call } = happening;
      const { lease } = look;
      if (lease === null) return `${look.invocation.id} calls ${call.pool} and has no lease`;
      if (call.clock >= lease.expiresAt) return `${look.invocation.id} calls ${call.pool} after its lease has run out`;
      const epoch = `${lease.key} epoch ${lease.epoch}`;
      const caller = callers.get(epoch) ?? look.invocation.id;
      callers.set(epoch, caller);
      if (caller !== look.invocation.id) return `${caller} and ${look.invocation.id} both call under ${epoch}`;
      const held = items.leases.get(lease.key);
      // A clock that runs ahead ends other people's leases early. What is left then is the optimistic lock.
      if (swarm.has("clockJump") || (held?.holder === lease.holder && held.epoch === lease.epoch && !held.free))
        return null;
      return `${look.invocation.id} calls ${call.pool}, and ${lease.key} is ${held?.holder ?? "nobody"}'s`;
    };
  },
};
