import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { readChecked } from "../shared/policy/checked.ts";
import { DEFAULT_POLICY, PolicyRefused, readPolicy } from "./policy.ts";
import { policyChecks } from "./policy-checks.ts";

const folder = mkdtempSync(join(tmpdir(), "vramp-policy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileWith = (text: string): string => {
  const file = join(folder, "fleet.yaml");
  writeFileSync(file, text);
  return file;
};

test("the policy that is deployed by default is valid", async () => {
  const { policy, revision } = await readPolicy(fileURLToPath(new URL(`../${DEFAULT_POLICY}`, import.meta.url)));
  expect(Object.keys(policy.workloads)).not.toEqual([]);
  expect(revision).toMatch(/^[0-9a-f]{64}$/);
});

test("an invalid policy is refused with every problem of it and its place", async () => {
  const refused = await readPolicy(fileWith("version: 2\nfleet: Not A Label\n")).catch((e: unknown) => e);
  expect(refused).toBeInstanceOf(PolicyRefused);
  expect(String(refused)).toMatch(/fleet\.yaml:1:\d+: error: `version` cannot be `2`.*version 1/);
  expect(String(refused)).toMatch(/\n.*fleet\.yaml:2:\d+: error: .*letters/);
});

test("a policy that is not there is refused with its name", async () => {
  await expect(readPolicy(join(folder, "none.yaml"))).rejects.toThrow(
    /cannot read the policy .*none\.yaml.*--policy FILE/,
  );
});

const WITH_HOLIDAYS = (ics: string) => `
version: 1
fleet: test
holidays: { ics: ${ics} }
sources: { prom: { prometheus: { url: "https://prometheus.example.com" } } }
signals: { queue: { source: prom, query: q, maxAge: 90s } }
workloads:
  w:
    gpu: { model: T4, perNode: 1, memory: 16Gi }
    nodes: { min: 1, max: 4 }
    pools: [{ name: p, capacity: on-demand, eks: { region: eu-central-1, cluster: c, nodegroup: n } }]
    targets: [{ signal: queue, perNode: 50 }]
`;
const ICS = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261225", "END:VEVENT", "END:VCALENDAR"].join(
  "\r\n",
);

test("the holiday file goes with the policy, under the name that the policy has for it", async () => {
  writeFileSync(join(folder, "de.ics"), ICS);
  const { files } = await readPolicy(fileWith(WITH_HOLIDAYS("./de.ics")));
  expect(files).toMatchObject({ "policy.yaml": WITH_HOLIDAYS("./de.ics"), "de.ics": ICS });
});

test("the policy goes along as it was checked too, for functions that have the same checks, and without the file's holidays", async () => {
  writeFileSync(join(folder, "de.ics"), ICS);
  const text = WITH_HOLIDAYS("./de.ics");
  const { files, revision } = await readPolicy(fileWith(text));
  const checked = readChecked(files["policy.checked.json"] ?? "", text, policyChecks());
  expect(checked).toMatchObject({ revision, policy: { fleet: "test", holidays: { dates: [] } } });
});

test("a holiday file that is missing, or that would not go with the policy, is refused", async () => {
  await expect(readPolicy(fileWith(WITH_HOLIDAYS("none.ics")))).rejects.toThrow(/error: .*none\.ics gives no holidays/);
  writeFileSync(join(folder, "de.ics"), ICS);
  const outside = `../${basename(folder)}/de.ics`;
  await expect(readPolicy(fileWith(WITH_HOLIDAYS(outside)))).rejects.toThrow(PolicyRefused);
});
