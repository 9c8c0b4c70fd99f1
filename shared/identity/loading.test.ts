import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

/** Everything that a process loads which runs this. */
function loadedBy(script: string): readonly string[] {
  const recorded = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    ${script}
    console.log(JSON.stringify(loaded));`;
  const cwd = new URL("../..", import.meta.url);
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", recorded], { cwd, encoding: "utf8" }));
}

const packagesIn = (urls: readonly string[], pattern: RegExp) => urls.filter((url) => pattern.test(url));

it("loads nothing of Google's or Azure's for a fleet on EKS, nor STS without a role to assume", () => {
  const loaded = loadedBy(`
    const { createPools } = await import("./shared/pools/pools.ts");
    await import("./shared/pools/eks/eks.ts");
    createPools();`);

  expect(packagesIn(loaded, /@aws-sdk\/client-eks/)).not.toEqual([]);
  expect(packagesIn(loaded, /google|@azure|@aws-sdk\/client-sts/)).toEqual([]);
});

it("loads nothing of Azure's for a fleet at Google", () => {
  const loaded = loadedBy(`
    const { createIdentities } = await import("./shared/identity/identities.ts");
    const audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/v/providers/aws";
    await createIdentities().google({ audience });`);

  expect(packagesIn(loaded, /google-auth-library/)).not.toEqual([]);
  expect(packagesIn(loaded, /@azure/)).toEqual([]);
});
