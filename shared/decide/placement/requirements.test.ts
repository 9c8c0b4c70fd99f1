import { expect, test } from "vitest";
import {
  detectGpuRequirements,
  detectGpuRequirementsByWord,
  detectMlWorkload,
  type GpuRequirements,
  ML_KEYWORDS,
} from "./requirements.ts";

const LARGE = '{"gpu_count":4,"gpu_type":"a100","memory":"64Gi"}';
const TRAINING = '{"gpu_count":1,"gpu_type":"a100","memory":"32Gi"}';
const OTHER = '{"gpu_count":1,"gpu_type":"v100","memory":"16Gi"}';

const byWord = (text: string) => shown(detectGpuRequirementsByWord(text));
const shown = (requirements: GpuRequirements | null) => (requirements === null ? null : JSON.stringify(requirements));

test.each([
  ["a large model", LARGE],
  ["7 billion parameters", LARGE],
  ["Training of a LARGE MODEL", LARGE],
  ["model training", TRAINING],
  ["Training job", TRAINING],
  ["inference", OTHER],
  ["computer vision", OTHER],
  ["", OTHER],
])("the guide's answer for %j", (text, expected) => {
  expect(JSON.stringify(detectGpuRequirements(text))).toBe(expected);
});

test.each(ML_KEYWORDS)("%s is about machine learning, in any case and both ways", (keyword) => {
  const text = `We need ${keyword.toUpperCase()} here.`;
  expect(detectMlWorkload(text)).toBe(true);
  expect(detectGpuRequirementsByWord(text)).not.toBeNull();
});

test.each([
  ["recv() on a socket", true, OTHER, null],
  ["send us your CVs", true, OTHER, null],
  ["a GPU-free service", true, OTHER, null],
  ["runs without a GPU", true, OTHER, null],
  ["staff training in accounting", false, TRAINING, null],
  ["a billion rows of CSV", false, LARGE, null],
  ["a web server", false, OTHER, null],
  ["multi-GPU model training", true, TRAINING, TRAINING],
  ["fine-tune on GPUs, 70 billion parameters", true, LARGE, LARGE],
  ["CUDA kernels, no GPU for the tests", true, OTHER, OTHER],
  ["neural networks", true, OTHER, OTHER],
])("%j: where words mend the literal reading", (text, ml, literal, words) => {
  expect(detectMlWorkload(text)).toBe(ml);
  expect(JSON.stringify(detectGpuRequirements(text))).toBe(literal);
  expect(byWord(text)).toBe(words);
});
