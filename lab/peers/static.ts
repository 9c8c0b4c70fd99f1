import type { Controller } from "../world/controller.ts";

/** So many nodes of one pool, always. */
export function createStatic(pool: string, nodes: number): Controller {
  const sizes = { [pool]: nodes };
  return { every: 3600, wokenByEvents: false, initial: sizes, act: () => ({ sizes }) };
}
