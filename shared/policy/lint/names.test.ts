import { table } from "./lint.fixture.ts";

table("names given twice", [
  [
    "pools of one name",
    ["name: rl-spot", "name: llm-spot"],
    ["error workloads.rl.pools[0].name: two pools of the fleet are called `llm-spot`"],
  ],
  [
    "one node group listed twice",
    ["nodegroup: od", "nodegroup: spot"],
    ["error workloads.llm.pools[1].eks: this cloud pool is listed already"],
  ],
  [
    "one node group by two roles of an account",
    [
      "nodegroup: spot",
      "nodegroup: x, roleArn: 'arn:aws:iam::1:role/a'",
      "nodegroup: od",
      "nodegroup: x, roleArn: 'arn:aws:iam::1:role/b'",
    ],
    ["error workloads.llm.pools[1].eks: "],
  ],
  [
    "one node group name in two accounts",
    [
      "nodegroup: spot",
      "nodegroup: x, roleArn: 'arn:aws:iam::1:role/a'",
      "nodegroup: od",
      "nodegroup: x, roleArn: 'arn:aws:iam::2:role/a'",
    ],
    [],
  ],
  [
    "an external id without a role",
    ["nodegroup: spot", "nodegroup: spot, externalId: fleet-1"],
    ["error workloads.llm.pools[0].eks.externalId: an external id without a role"],
  ],
  [
    "one role under two external ids",
    [
      "nodegroup: spot",
      "nodegroup: x, roleArn: 'arn:aws:iam::1:role/a', externalId: one",
      "nodegroup: od",
      "nodegroup: y, roleArn: 'arn:aws:iam::1:role/a'",
    ],
    ["warning workloads.llm.pools[1].eks.roleArn: the same role is assumed elsewhere"],
  ],
  [
    "schedules of one name",
    ["name: off-hours", "name: day"],
    ["error workloads.llm.schedules[1].name: two of the `schedules` are called `day`"],
  ],
  [
    "one alert under two workloads is fine",
    ["models: [{", "alerts: [Same]\n    models: [{", "targets: [{", "alerts: [Same]\n    targets: [{"],
    [],
  ],
]);
