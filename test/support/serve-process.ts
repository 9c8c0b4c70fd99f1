import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface ServeSpec {
  /** Arguments after `vramp serve`. */
  readonly args: readonly string[];
  /** Where it runs, and leaves what it leaves. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

const logLine = z.looseObject({ message: z.string() });
export type LogLine = z.output<typeof logLine>;

/** `vramp serve` in a process of its own. It dies with this one, however that ends. */
export interface ServeProcess {
  /** Every line that it has logged so far. */
  logs(): readonly LogLine[];
  /** What it wrote to stderr: warnings, errors, and why it could not start. */
  stderr(): string;
  signal(name: "SIGTERM" | "SIGKILL" | "SIGHUP"): void;
  /** Resolves with its exit code once it has ended; null after a kill. */
  readonly ended: Promise<number | null>;
  /** Ends it if it still runs. */
  stop(): Promise<void>;
}

export function startServeProcess({ args, folder, env = {} }: ServeSpec): ServeProcess {
  // setpriv becomes the process, and has the kernel kill it when this one is gone: even a killed test leaves none behind.
  const command = ["--pdeathsig", "KILL", process.execPath, `${ROOT}cli/vramp.ts`, "serve", ...args];
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn("setpriv", command, {
    cwd: folder,
    env: { PATH, HOME, NO_COLOR: "1", AWS_EC2_METADATA_DISABLED: "true", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, "close").then(([code]) => z.int().nullable().parse(code));
  return {
    logs: () =>
      `${stdout}\n${stderr}`
        .split("\n")
        .filter((line) => line.startsWith("{") && line.endsWith("}"))
        .map((line) => logLine.parse(JSON.parse(line))),
    stderr: () => stderr,
    signal: (name) => void child.kill(name),
    ended,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
