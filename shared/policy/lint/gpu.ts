import { error, type Finding, type Path, warning } from "../finding.ts";
import { DEFAULT_HEADROOM } from "../limits.ts";
import type { Policy } from "../schema/policy.ts";
import type { Gpu, Workload } from "../schema/workload.ts";

/** NVIDIA's list of GPUs that MIG supports starts with Ampere's A100 and A30; these common ones are not on it. */
const WITHOUT_MIG = new Set("K80 M60 P4 P40 P100 V100 T4 T4G A2 A10 A10G A16 A40 L4 L40 L40S TITAN".split(" "));

/** A GPU is cut into at most seven MIG compute slices. */
const MIG_SLICES = 7;

/** Sharing is something the GPU can do, and models fit the card. */
export function* gpu(policy: Policy): Iterable<Finding> {
  for (const [name, workload] of Object.entries(policy.workloads)) {
    const at: Path = ["workloads", name];
    yield* mig(workload.gpu, [...at, "gpu"]);
    yield* models(workload, at);
  }
}

/** `nvidia-tesla-t4`, `NVIDIA A10G`, `V100-16GB`, `RTX 4090`: the name is one word among others. Blackwell's RTX PRO has MIG. */
function lacksMig(model: string): boolean {
  const words = model.toUpperCase().split(/[^A-Z0-9]+/);
  return words.some((word) => WITHOUT_MIG.has(word) || (word.startsWith("RTX") && !words.includes("PRO")));
}

function* mig({ model, sharing }: Gpu, at: Path): Iterable<Finding> {
  if (sharing === undefined || !("mig" in sharing)) return;
  const path = [...at, "sharing", "mig"];
  if (lacksMig(model))
    yield error(path, {
      message: `the ${model} has no MIG`,
      why: "only data-centre GPUs from the A100 and A30 on can be cut into instances",
      fix: "use `timeSlicing` or `mps`",
      involves: [[...at, "model"]],
    });
  const slices = Object.entries(sharing.mig).reduce(
    (sum, [profile, count]) => sum + Number.parseInt(profile, 10) * count,
    0,
  );
  if (slices > MIG_SLICES)
    yield error(path, {
      message: `these profiles take ${slices} slices of one GPU`,
      why: `a GPU has ${MIG_SLICES}; the number in front of the g is how many a profile takes`,
      fix: "list what one GPU is cut into",
    });
}

const gibibytes = (bytes: number) => `${Number((bytes / 2 ** 30).toFixed(1))}Gi`;

function* models({ gpu: card, models }: Workload, at: Path): Iterable<Finding> {
  if (models.length === 0) return;
  if (card.memory === undefined) {
    yield error([...at, "models"], {
      message: "there are models, but `gpu.memory` is not given",
      why: "whether they fit cannot be told without the VRAM of one GPU",
      fix: "add `memory` to `gpu`, such as `memory: 16Gi`",
      involves: [[...at, "gpu"]],
    });
    return;
  }
  const share = 1 - DEFAULT_HEADROOM;
  const usable = card.memory * share;
  for (const [i, model] of models.entries())
    if (model.memory > usable)
      yield warning([...at, "models", i, "memory"], {
        message: `\`${model.name}\` takes ${gibibytes(model.memory)}, and one GPU offers ${gibibytes(usable)}`,
        why: `models may fill ${share * 100} % of a card; more nodes of this kind would not help, so growth is refused`,
        fix: "use a GPU with more memory, or a smaller model",
        involves: [[...at, "gpu", "memory"]],
      });
}
