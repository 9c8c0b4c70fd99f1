import type { ModelSize } from "../../shared/decide/placement/models.ts";
import { type Bytes, parseQuantity } from "../../shared/policy/units.ts";
import { UserError } from "../output.ts";

/** MAX_COPIES, MAX_CARDS: what one table can show to a person, and far more than one node pool serves. */
export const MAX_COPIES = 1000;
export const MAX_CARDS = 4096;
/** LEAST_MEMORY: 1Mi. No card or model has less; `24` was meant to be `24Gi`. */
const LEAST_MEMORY: Bytes = 2 ** 20;

/** `qwen_32b=16Gi*2,mistral_7b=4Gi`: names, VRAM, and how many copies. */
export function parseModels(text: string): readonly ModelSize[] {
  const models = entries(text, "--models").map((entry) => {
    const [, name, memory = "", copies = "1"] = /^(.+)=([^=*]+)(?:\*(\d+))?$/.exec(entry) ?? [];
    if (name === undefined)
      throw new UserError(`--models: "${entry}" is not a model; write a name and its VRAM, such as mistral_7b=4Gi*2`);
    const replicas = Number(copies);
    if (replicas < 1) throw new UserError(`--models: "${entry}" asks for no copy; write 1 or more, or leave *0 out`);
    return { name: name.trim(), memory: memoryOf(memory, entry, "--models"), replicas };
  });
  const copies = models.reduce((sum, model) => sum + model.replicas, 0);
  if (copies > MAX_COPIES) throw new UserError(`--models: ${copies} models are too many; the most is ${MAX_COPIES}`);
  return models;
}

/** `2x24Gi,40Gi`: how many cards, and the VRAM of one. */
export function parseGpus(text: string): readonly { readonly memory: Bytes }[] {
  const kinds = entries(text, "--gpus").map((entry) => {
    const [, count = "1", memory] = /^(?:(\d+)x)?([^x]+)$/.exec(entry) ?? [];
    if (memory === undefined || Number(count) < 1)
      throw new UserError(`--gpus: "${entry}" is no number of GPUs; write a count and their VRAM, such as 2x24Gi`);
    return { count: Number(count), memory: memoryOf(memory, entry, "--gpus") };
  });
  const count = kinds.reduce((sum, kind) => sum + kind.count, 0);
  if (count > MAX_CARDS) throw new UserError(`--gpus: ${count} GPUs are too many; the most is ${MAX_CARDS}`);
  return kinds.flatMap(({ count, memory }) => Array.from({ length: count }, () => ({ memory })));
}

/** `0.2`: the share of every card to keep free. */
export function parseHeadroom(text: string): number {
  const headroom = Number(text);
  if (/^\d*\.?\d+$/.test(text) && headroom < 1) return headroom;
  throw new UserError(`--headroom: "${text}" is no share; write a number from 0 to below 1, such as 0.2 for 20 %`);
}

function memoryOf(text: string, entry: string, option: string): Bytes {
  const memory = parseQuantity(text.trim());
  if (memory >= LEAST_MEMORY) return memory;
  throw new UserError(`${option}: "${text}" in "${entry}" is no amount of VRAM; write one such as 16Gi or 25000Mi`);
}

function entries(text: string, option: string): readonly string[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.includes("")) throw new UserError(`${option}: "${text}" has an empty entry; take out the extra comma`);
  return parts;
}
