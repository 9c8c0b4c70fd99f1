// The one place that reads the environment. Beside it stands what a function may need of the outside world, a file for each, and
// every entry point imports what it needs and no more: esbuild follows an import even where nothing of it is used in the end.
import { readFile } from "node:fs/promises";
import { systemClock } from "../shared/model/clock.ts";
import { type Accepted, checkedFileOf, readChecked } from "../shared/policy/checked.ts";
import type { PolicyInForce } from "../shared/reconcile/deps.ts";
import { withHolidays } from "../shared/reconcile/with-holidays.ts";
import { createPowertools } from "../shared/telemetry/powertools.ts";
import { clean } from "../shared/telemetry/telemetry.ts";
import { once } from "./once.ts";

const isFilled = (value: string): boolean => value !== "";
const isUrl = (value: string): boolean => URL.canParse(value);

/** The variables that the stack sets, and what each must be. Nothing here is a secret: secrets are named, and fetched. */
const VARIABLES = {
  VRAMP_POLICY_FILE: isFilled,
  VRAMP_TABLE: isFilled,
  VRAMP_ACCOUNT: isFilled,
  VRAMP_QUEUE_URL: isUrl,
  VRAMP_ALERT_TOKENS_SECRET: isFilled,
  VRAMP_ALERTS_URL: isUrl,
  VRAMP_STOP_PARAMETER: isFilled,
  AWS_REGION: isFilled,
} as const;

/** The function was deployed without something it needs. */
export class Misconfigured extends Error {
  override readonly name = "Misconfigured";
}

export function variable(name: keyof typeof VARIABLES): string {
  const value = process.env[name];
  if (value !== undefined && VARIABLES[name](value)) return value;
  throw new Misconfigured(`the environment variable ${name} is missing or wrong; deploy the stack again`);
}

/** Under the name that the stack gives it, by which its alarms tell it from other fleets. */
export const telemetry = createPowertools(process.env.VRAMP_SERVICE || undefined);
export const clock = systemClock;

const readText = (file: string): Promise<string> => readFile(file, "utf8");

/** The policy as the deployment checked it; null when what stands there is not that, and its text must be checked here. */
async function checkedPolicy(file: string, text: string): Promise<Accepted | null> {
  const checks = process.env.VRAMP_POLICY_CHECKS ?? ""; // bundling writes it here, so that it names the code that is running
  const json = await readText(checkedFileOf(file)).catch(() => null);
  return json === null || checks === "" ? null : readChecked(json, text, checks);
}

const loadedPolicy = once(async (): Promise<Accepted> => {
  const file = variable("VRAMP_POLICY_FILE");
  const text = await readText(file);
  const checked = await checkedPolicy(file, text);
  if (checked !== null) return checked;
  // Not loaded otherwise: YAML, the schema and the lint are most of the code, and building the schema takes longest.
  const { loadPolicy } = await import("../shared/policy/load.ts");
  const loaded = loadPolicy(text, file);
  if (loaded.ok) return loaded;
  const [first] = loaded.issues;
  throw new Misconfigured(`the policy that was deployed is invalid: ${first?.file}:${first?.line}: ${first?.message}`);
});

/** Without the holiday file, which only those who decide need. */
export const policy = async () => (await loadedPolicy()).policy;

/** Reads the policy ahead of the first event. Should it fail, each event tries again, and tells what is wrong in its own way. */
export const policyAhead = (): Promise<unknown> => loadedPolicy().catch(() => null);

export const policyInForce = once(async (): Promise<PolicyInForce> => {
  const { policy: listed, revision } = await loadedPolicy();
  const { policy, findings } = await withHolidays(listed, variable("VRAMP_POLICY_FILE"), readText);
  for (const { message, why = "" } of findings) telemetry.warn(message, { why: clean(why) });
  return { policy, revision };
});

/** Where a cloud is, when it is not where it always is: an emulator, a proxy. AWS's SDK reads its own variables. */
export function endpoint(name: string): string | undefined {
  const value = process.env[name] || undefined;
  if (value === undefined || URL.canParse(value)) return value;
  throw new Misconfigured(`the environment variable ${name} is not a URL: ${clean(value)}`);
}
