import { z } from "zod";
import { CLOUDS } from "../clouds.ts";
import { cloudName, dollars, exactlyOne, label, oneOfKeys } from "./common.ts";
import { externalId, federation, roleArn, workloadIdentity } from "./identities.ts";

const eks = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "expected an AWS region, such as eu-central-1"),
  cluster: cloudName,
  nodegroup: cloudName,
  roleArn: roleArn.optional(),
  externalId: externalId.optional(),
});
export type EksRef = Readonly<z.output<typeof eks>>;

const gke = z.strictObject({
  project: cloudName,
  location: cloudName,
  cluster: cloudName,
  nodePool: cloudName,
  workloadIdentity: workloadIdentity.optional(),
});
export type GkeRef = Readonly<z.output<typeof gke>>;

const aks = z.strictObject({
  subscription: z.guid("expected a subscription id (a UUID)"),
  resourceGroup: cloudName,
  cluster: cloudName,
  agentPool: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,11}$/, "expected 1 to 12 lower-case letters and digits, as AKS names its pools"),
  federation: federation.optional(),
});
export type AksRef = Readonly<z.output<typeof aks>>;

export { CLOUDS, type Cloud } from "../clouds.ts";

export const pool = z
  .strictObject({
    name: label,
    capacity: z
      .enum(["spot", "on-demand"])
      .meta({ description: "Fixed when the pool was created, on all three clouds" }),
    pricePerHour: dollars.optional().meta({ description: "US dollars for one node for one hour" }),
    zone: z.string().min(1).max(63).optional(),
    control: z.enum(["desired", "bounds"]).default("desired").meta({
      description: "desired: vramp sets the size; bounds: it sets min and max and the cloud's autoscaler the size",
    }),
    eks: eks.optional(),
    gke: gke.optional(),
    aks: aks.optional(),
  })
  .check(exactlyOne(...CLOUDS))
  .meta(oneOfKeys(...CLOUDS));
export type Pool = Readonly<z.output<typeof pool>>;
