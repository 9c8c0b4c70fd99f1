import { expect, it } from "vitest";
import { loadedBy } from "../../test/support/loaded-by.ts";

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
