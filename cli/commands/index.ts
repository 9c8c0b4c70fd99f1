import type { Command } from "commander";

/** What a command's file exports: it declares arguments, options and the action on the command that was made for it. */
export interface CommandModule {
  register(command: Command): void;
}

/** A command in the list of `vramp --help`. Its file is only loaded when it is called. */
export interface Listed {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** Every command, in the order of the help. To add one, write `cli/commands/NAME.ts` with a `register` and list it here. */
export const COMMANDS: readonly Listed[] = [
  { name: "validate", summary: "check a policy file", load: () => import("./validate.ts") },
  { name: "status", summary: "show where every workload stands", load: () => import("./status.ts") },
  { name: "explain", summary: "show why a workload has the size it has", load: () => import("./explain.ts") },
  { name: "plan", summary: "show what a run would do now", load: () => import("./plan.ts") },
  { name: "audit", summary: "list or verify a workload's audit", load: () => import("./audit.ts") },
  { name: "hold", summary: "hold a workload's size for a while", load: () => import("./hold.ts") },
  { name: "wake", summary: "keep a workload awake for a while", load: () => import("./wake.ts") },
  { name: "pause", summary: "pause scaling for a while", load: () => import("./pause.ts") },
  { name: "resume", summary: "end a workload's overrides", load: () => import("./resume.ts") },
  { name: "invoke", summary: "send a request as it is", load: () => import("./invoke.ts") },
  {
    name: "decide",
    summary: "decide observations line by line, for other programs",
    load: () => import("./decide.ts"),
  },
  {
    name: "backtest",
    summary: "try a policy on recorded or made-up demand and spot capacity",
    load: () => import("../backtest/command.ts"),
  },
  { name: "fit", summary: "check whether models fit on GPUs", load: () => import("./fit.ts") },
  {
    name: "rules",
    summary: "generate Prometheus rules and the Alertmanager receiver",
    load: () => import("./rules.ts"),
  },
  { name: "serve", summary: "run everything in one process", load: () => import("./serve.ts") },
  { name: "schedules", summary: "preview the next days' windows", load: () => import("./schedules.ts") },
  { name: "deploy", summary: "deploy a fleet on AWS", load: () => import("./deploy.ts") },
  { name: "undeploy", summary: "remove a fleet from AWS; its pools stay", load: () => import("./undeploy.ts") },
];
