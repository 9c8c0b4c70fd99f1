// What tests of templates share.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FUNCTION_NAMES } from "./limits.ts";

/** A new folder with something in the place of every function's bundle: what stands in one is bundle.test.ts's concern. */
export function standInBundles(): string {
  const folder = mkdtempSync(join(tmpdir(), "vramp-template-"));
  for (const name of FUNCTION_NAMES) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "index.mjs"), name);
  }
  return folder;
}

/** A template's value as text: `<Wakes.Arn>` for what CloudFormation fills in, without CDK's hashes. */
export function render(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const [[how, what] = ["", ""]] = Object.entries(value);
  const plain = (id: unknown) => String(id).replace(/[0-9A-F]{8}$/, "");
  if (how === "Ref") return `<${plain(what)}>`;
  if (how === "Fn::GetAtt") return `<${plain(what[0])}.${what[1]}>`;
  return how === "Fn::Join" ? what[1].map(render).join(what[0]) : JSON.stringify(value);
}

/** CloudFormation writes a list of one as the one. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
