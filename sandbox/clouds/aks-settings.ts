import { z } from "zod";
import { ArmFailure, invalid } from "./aks-wire.ts";

/** A pool's writable properties beside its size, as they stand on the wire. */
export type Settings = Readonly<Record<string, unknown>>;

/** Fixed when the pool is created; https://learn.microsoft.com/rest/api/aks/agent-pools. */
const IMMUTABLE = [
  "vmSize",
  "osDiskSizeGB",
  "osDiskType",
  "vnetSubnetID",
  "podSubnetID",
  "maxPods",
  "osType",
  "type",
  "availabilityZones",
  "scaleSetPriority",
  "scaleSetEvictionPolicy",
  "spotMaxPrice",
  "proximityPlacementGroupID",
  "enableEncryptionAtHost",
  "enableUltraSSD",
  "gpuInstanceProfile",
  "capacityReservationGroupID",
  "hostGroupID",
];

/** May be changed; what a request leaves out is gone. */
const MUTABLE = [
  "mode",
  "osSKU",
  "enableFIPS",
  "enableNodePublicIP",
  "scaleDownMode",
  "tags",
  "nodeLabels",
  "nodeTaints",
  "kubeletConfig",
  "kubeletDiskType",
  "linuxOSConfig",
  "workloadRuntime",
  "upgradeSettings",
  "networkProfile",
  "securityProfile",
  "gpuProfile",
];

/** Sizes and the autoscaler's switch. */
const sizes = z.object({
  count: z.int().optional(),
  enableAutoScaling: z.boolean().nullish(),
  minCount: z.int().nullish(),
  maxCount: z.int().nullish(),
});
export type Sizes = z.output<typeof sizes>;

/** Fields that are orders when sent: none may come with a change of size. */
const ORDERS = ["nodeImageVersion", "orchestratorVersion", "powerState"] as const;
export type Order = (typeof ORDERS)[number];

export interface Update {
  readonly settings: Settings;
  readonly sizes: Sizes;
  readonly orders: readonly Order[];
}

const body = z.strictObject({ properties: z.record(z.string(), z.unknown()) });

/** What a PUT asks of a pool with these settings; throws what AKS, or one stricter than AKS, refuses. */
export function parseUpdate(text: string, current: Settings): Update {
  const { properties } = parsedBody(text);
  const known = [...IMMUTABLE, ...MUTABLE, ...ORDERS, ...Object.keys(sizes.shape)];
  for (const [name, value] of Object.entries(properties)) {
    if (!known.includes(name))
      throw invalid(`The property 'properties.${name}' is read-only or unknown and must not be sent.`);
    if (value === null && current[name] != null) throw invalid(`The property 'properties.${name}' must not be null.`);
  }
  for (const name of IMMUTABLE)
    if (!same(properties[name], current[name]))
      throw new ArmFailure(
        400,
        "PropertyChangeNotAllowed",
        `Changing property 'properties.${name}' is not allowed.`,
        true,
      );
  const asked = sizes.safeParse(properties);
  if (!asked.success) throw invalid(`The request's sizes are invalid: ${asked.error.message}`);
  const settings = Object.entries(properties).filter(([name]) => IMMUTABLE.includes(name) || MUTABLE.includes(name));
  return {
    settings: Object.fromEntries(settings),
    sizes: asked.data,
    orders: ORDERS.filter((name) => properties[name] !== undefined),
  };
}

function parsedBody(text: string): z.output<typeof body> {
  try {
    return body.parse(JSON.parse(text));
  } catch (error) {
    throw new ArmFailure(400, "InvalidRequestContent", `The request content was invalid: ${String(error)}`);
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** What a pool is created with, as far as tests choose it. */
export interface Shape {
  readonly spot?: boolean;
  readonly evictionPolicy?: "Delete" | "Deallocate";
  readonly mode?: "User" | "System";
  readonly type?: "VirtualMachineScaleSets" | "VirtualMachines";
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly string[];
}

const SPOT = "kubernetes.azure.com/scalesetpriority";

/** What a GPU pool looks like; spot pools get their label and taint from AKS. */
export function settingsOf({ spot = false, evictionPolicy, mode, type, labels, taints = [] }: Shape): Settings {
  return {
    vmSize: "Standard_NC24ads_A100_v4",
    osDiskSizeGB: 128,
    osDiskType: "Ephemeral",
    osType: "Linux",
    osSKU: "Ubuntu",
    type: type ?? "VirtualMachineScaleSets",
    mode: mode ?? "User",
    maxPods: 110,
    availabilityZones: ["1", "2", "3"],
    scaleDownMode: "Delete",
    upgradeSettings: { maxSurge: "10%" },
    gpuProfile: { driver: "Install" },
    enableFIPS: false,
    tags: { team: "ml" },
    nodeLabels: { ...labels, ...(spot ? { [SPOT]: "spot" } : {}) },
    nodeTaints: [...taints, ...(spot ? [`${SPOT}=spot:NoSchedule`] : [])],
    ...(spot ? { scaleSetPriority: "Spot", scaleSetEvictionPolicy: evictionPolicy ?? "Delete", spotMaxPrice: -1 } : {}),
  };
}
