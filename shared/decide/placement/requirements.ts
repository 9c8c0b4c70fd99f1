/**
 * What hardware a text about a job seems to ask for. Advisory only: it guesses from words, so its answer is shown to a
 * person and never sizes anything. It is never given text that arrives from outside, such as an alert's labels.
 */

/** The GPUs and memory of one job, in the keys of the GPU worker guide. */
export interface GpuRequirements {
  readonly gpu_count: number;
  readonly gpu_type: "a100" | "v100";
  /** Host memory, as a Kubernetes quantity. */
  readonly memory: string;
}

const LARGE: GpuRequirements = { gpu_count: 4, gpu_type: "a100", memory: "64Gi" };
const TRAINING: GpuRequirements = { gpu_count: 1, gpu_type: "a100", memory: "32Gi" };
const OTHER: GpuRequirements = { gpu_count: 1, gpu_type: "v100", memory: "16Gi" };

/** The guide's fourteen keywords. */
export const ML_KEYWORDS = [
  "machine learning",
  "deep learning",
  "neural network",
  "pytorch",
  "tensorflow",
  "computer vision",
  "cv",
  "object detection",
  "image classification",
  "nlp",
  "model training",
  "inference",
  "gpu",
  "cuda",
] as const;

/** Whether a text is about machine learning, exactly as the guide decides it: any keyword anywhere, even inside a word. */
export function detectMlWorkload(text: string): boolean {
  const lower = text.toLowerCase();
  return ML_KEYWORDS.some((keyword) => lower.includes(keyword));
}

/**
 * The guide's own answer, its flaws kept: words count inside other words, and a text that is not about machine learning
 * still gets a V100. {@link detectGpuRequirementsByWord} mends both.
 */
export function detectGpuRequirements(text: string): GpuRequirements {
  const lower = text.toLowerCase();
  if (lower.includes("large model") || lower.includes("billion")) return LARGE;
  return lower.includes("training") ? TRAINING : OTHER;
}

/** `no GPU`, `without a GPU`, `GPU-free`, `GPU-less`, `not CUDA`: they name the thing to say that it is not wanted. */
const UNWANTED = /\b(?:no|not|without)\s+(?:an?\s+|any\s+)?(?:gpu|cuda)s?\b|\b(?:gpu|cuda)s?[- ](?:free|less)\b/g;

const ML_WORDS = ML_KEYWORDS.map((keyword) => (keyword === "cv" ? keyword : `${keyword}s?`));
const anyWord = (words: readonly string[]) => new RegExp(`\\b(?:${words.join("|")})\\b`);
const ML = anyWord(ML_WORDS);
const LARGE_WORDS = anyWord(["large models?", "billions?"]);
const TRAINING_WORDS = anyWord(["training"]);

/**
 * As {@link detectGpuRequirements}, but keywords count as whole words (plurals included), what the text says it does
 * without does not count, and a text that is not about machine learning needs nothing: null.
 */
export function detectGpuRequirementsByWord(text: string): GpuRequirements | null {
  const wanted = text.toLowerCase().replace(UNWANTED, " ");
  if (!ML.test(wanted)) return null;
  if (LARGE_WORDS.test(wanted)) return LARGE;
  return TRAINING_WORDS.test(wanted) ? TRAINING : OTHER;
}
