import { readFile } from "node:fs/promises";
import { type LoadResult, loadPolicy } from "../../shared/policy/load.ts";
import type { PolicyInForce } from "../../shared/reconcile/deps.ts";
import { type ReadText, withHolidays } from "../../shared/reconcile/with-holidays.ts";
import { clean, type Telemetry } from "../../shared/telemetry/telemetry.ts";
import { Misconfigured } from "../runtime.ts";

/** A policy file that may change while it is in force. */
export interface PolicyFile {
  inForce(): PolicyInForce;
  /** Takes a change that this look and the one before have seen alike. Never throws. */
  check(): Promise<void>;
  /** Takes what stands in the file now. Never throws. */
  reload(): Promise<void>;
}

/** What was read, by path; null for what could not be. */
type Texts = ReadonlyMap<string, string | null>;

interface Read {
  readonly texts: Texts;
  /** Null for a policy that cannot be in force; then `problem` says why. */
  readonly policy: PolicyInForce | null;
  readonly problem: string;
  /** The holiday file gave nothing. */
  readonly withoutHolidays: boolean;
}

const textOf: ReadText = (path) => readFile(path, "utf8");

const same = (some: Texts, others: Texts): boolean =>
  some.size === others.size && [...some].every(([path, text]) => others.get(path) === text);

function problemOf(result: Extract<LoadResult, { readonly ok: false }>): string {
  const first = result.issues.find(({ severity }) => severity === "error"); // warnings stand among them, in the order of lines
  return first === undefined ? "it is invalid" : `${first.file}:${first.line}: ${first.message}`;
}

async function read(file: string, telemetry: Telemetry): Promise<Read> {
  const texts = new Map<string, string | null>();
  const noting: ReadText = async (path) => {
    texts.set(path, null);
    const text = await textOf(path);
    texts.set(path, text);
    return text;
  };
  const refused = (problem: string): Read => ({ texts, policy: null, problem, withoutHolidays: false });
  const text = await noting(file).catch((cause: unknown) =>
    cause instanceof Error ? cause : new Error(String(cause)),
  );
  if (text instanceof Error) return refused(text.message);
  const loaded = loadPolicy(text, file);
  if (!loaded.ok) return refused(problemOf(loaded));
  const { policy, findings } = await withHolidays(loaded.policy, file, noting);
  for (const { message, why = "" } of findings) telemetry.warn(message, { why: clean(why) });
  const withoutHolidays = findings.some(({ severity }) => severity === "error");
  return { texts, policy: { policy, revision: loaded.revision }, problem: "", withoutHolidays };
}

/**
 * Puts a policy file in force. Throws `Misconfigured` when it is invalid; later, the last good one stays in force, and `refused`
 * is told what is wrong.
 */
export async function openPolicyFile(
  file: string,
  telemetry: Telemetry,
  refused: (problem: string) => void = () => {},
): Promise<PolicyFile> {
  const first = await read(file, telemetry);
  if (first.policy === null) throw new Misconfigured(`the policy cannot be in force: ${first.problem}`);
  let policy = first.policy;
  let taken = first.texts;
  let seen = first.texts;

  function take(now: Read): void {
    taken = now.texts;
    const kept = { kept: policy.revision };
    if (now.policy === null) {
      const problem = clean(now.problem);
      telemetry.error("the policy file is not taken; the last good one stays in force", { problem, ...kept });
      refused(problem);
    } else if (now.withoutHolidays && now.policy.revision === policy.revision) {
      telemetry.warn("the holidays that were known stay in force", kept);
    } else {
      policy = now.policy;
      const workloads = Object.keys(policy.policy.workloads);
      telemetry.info("policy in force", { revision: policy.revision, workloads });
    }
  }

  const reload = async (): Promise<void> => take(await read(file, telemetry));

  async function check(): Promise<void> {
    const paths = [...taken.keys()];
    const texts = await Promise.all(paths.map(async (path) => [path, await textOf(path).catch(() => null)] as const));
    const before = seen;
    seen = new Map(texts);
    if (!same(seen, taken) && same(seen, before)) await reload();
  }

  return { inForce: () => policy, check, reload };
}
