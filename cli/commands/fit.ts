import { type Command, Option } from "commander";
import { logicalPerCard } from "../../shared/decide/placement/gpu-counts.ts";
import { type NodesForModels, nodesForModels } from "../../shared/decide/placement/nodes-for-models.ts";
import { placeModels } from "../../shared/decide/placement/place-models.ts";
import { DEFAULT_HEADROOM } from "../../shared/policy/limits.ts";
import type { Workload } from "../../shared/policy/schema/workload.ts";
import { EXIT, OUTPUTS, type Output, painter, print, printJson, UserError } from "../output.ts";
import { readValidPolicy, workloadNamed } from "../valid-policy.ts";
import { parseGpus, parseHeadroom, parseModels } from "./fit-input.ts";
import { count, type FitReport, memoryText, tooLargeAdvice, toText } from "./fit-report.ts";

interface Options {
  readonly models?: string;
  readonly gpus?: string;
  readonly policy?: string;
  readonly workload?: string;
  readonly headroom: string;
  readonly output: Output;
}

export function register(command: Command): void {
  command
    .option("--models <list>", "models and their VRAM, such as qwen_32b=16Gi*2,mistral_7b=4Gi")
    .option("--gpus <list>", "physical GPUs and their VRAM, such as 2x24Gi,1x40Gi")
    .addOption(new Option("--policy <file>", "take models and GPUs from this policy").conflicts(["models", "gpus"]))
    .option("--workload <name>", "the workload of the policy; its only one when absent")
    .option("--headroom <share>", "share of every GPU to keep free", String(DEFAULT_HEADROOM))
    .addOption(new Option("--output <format>", "how to print the result").choices(OUTPUTS).default("text"))
    .addHelpText("after", "\nExit codes: 0 everything fits, 1 bad input, 3 something does not fit")
    .action(async (options: Options, self: Command) => {
      const { color } = self.optsWithGlobals<{ color: boolean }>();
      const report = await reportFor(options, color);
      if (options.output === "json") printJson(report);
      else print(toText(report, painter(process.stdout, color, process.env)));
      process.exitCode = report.fits ? EXIT.ok : EXIT.checkFailed;
    });
}

async function reportFor(options: Options, color: boolean): Promise<FitReport> {
  const headroom = parseHeadroom(options.headroom);
  if (options.policy !== undefined) {
    const policy = await readValidPolicy(options.policy, painter(process.stderr, color, process.env));
    const name = options.workload ?? onlyOf(Object.keys(policy.workloads));
    return fitWorkload(name, workloadNamed(policy, name), headroom);
  }
  if (options.models === undefined || options.gpus === undefined)
    throw new UserError("say what is to fit where: --models and --gpus, or --policy and --workload");
  if (options.workload !== undefined) throw new UserError("--workload needs --policy, which has the workload");
  return fitList(options.models, options.gpus, headroom);
}

function onlyOf(names: readonly string[]): string {
  const [name, another] = names;
  if (name !== undefined && another === undefined) return name;
  throw new UserError(
    `the policy has ${count(names.length, "workload")}; choose one with --workload: ${names.join(", ")}`,
  );
}

/** Models on the cards that were given, and no others. */
export function fitList(models: string, gpus: string, headroom: number): FitReport {
  const cards = parseGpus(gpus);
  const {
    fits,
    method,
    certain,
    cards: uses,
    unplaced,
    moreCards,
  } = placeModels({
    models: parseModels(models),
    gpus: cards,
    headroom,
  });
  const largest = Math.max(...cards.map((card) => card.memory));
  const tooLarge = unplaced.filter((model) => model.reason === "ModelDoesNotFit");
  const more = `${certain ? "" : "at most "}${count(moreCards, "more GPU")} of ${memoryText(largest)}`;
  const advice = [
    ...tooLarge.map((model) => tooLargeAdvice(model, largest, headroom)),
    ...(moreCards > 0 ? [`needs ${more}${tooLarge.length > 0 ? " for the other models" : ""}`] : []),
  ];
  return { fits, method, certain, cards: uses, unplaced, headroom, moreGpus: moreCards, nodes: null, advice };
}

/** A workload's models on as many of its nodes as they need, which must not be more than it may have. */
export function fitWorkload(name: string, workload: Workload, headroom: number): FitReport {
  const { gpu, models, nodes } = workload;
  if (models.length === 0)
    throw new UserError(`workload ${name} lists no models; add \`models: [{ name, memory }]\` to the policy`);
  const floor = nodesForModels(models, gpu, headroom);
  if (floor.kind === "memoryUnknown")
    throw new UserError(
      `workload ${name} does not say how much VRAM a ${gpu.model} has; add \`gpu.memory\` to the policy`,
    );

  const tooLarge = floor.kind === "doesNotFit" ? floor.models : [];
  const over = floor.nodes > nodes.max;
  const need = `${floor.certain ? "" : "at most "}${count(floor.nodes, "node")}`;
  return {
    fits: tooLarge.length === 0 && !over,
    method: floor.method,
    certain: floor.certain || !over,
    cards: floor.cards,
    unplaced: tooLarge.map((model) => ({ ...model, reason: "ModelDoesNotFit" })),
    headroom,
    moreGpus: null,
    nodes: { needed: floor.nodes, max: nodes.max },
    advice: [
      ...(floor.kind === "doesNotFit"
        ? floor.models.map((model) => tooLargeAdvice(model, floor.largestCard, headroom))
        : []),
      over
        ? `needs ${need}, and nodes.max of ${name} is ${nodes.max}; raise it, or take GPUs with more memory`
        : `needs ${need} of ${name}, which may have ${nodes.max}`,
      ...sharingAdvice(workload, floor),
    ],
  };
}

/** What VRAM alone does not show: pods are placed by logical GPUs, and MPS gives each client its part of the memory. */
function sharingAdvice(
  { gpu }: Workload,
  floor: Exclude<NodesForModels, { kind: "memoryUnknown" }>,
): readonly string[] {
  const { sharing } = gpu;
  const pods = sharing !== undefined && "mig" in sharing ? 1 : logicalPerCard(gpu);
  const crowded = floor.cards.find((card) => card.models.length > pods);
  const clients = sharing !== undefined && "mps" in sharing ? sharing.mps : 1;
  const overPart = floor.cards.flatMap((card) => card.models.filter((model) => model.memory > card.memory / clients));
  return [
    ...(crowded === undefined
      ? []
      : [
          `${crowded.label} would hold ${count(crowded.models.length, "model")} but offers ${count(pods, "logical GPU")}: ` +
            "serve them from one pod, or set gpu.sharing",
        ]),
    ...overPart.map(
      (model) =>
        `${model.name} (${memoryText(model.memory)}) is larger than one of ${clients} equal parts of its GPU, ` +
        "which is what the NVIDIA device plugin gives each MPS client",
    ),
  ];
}
