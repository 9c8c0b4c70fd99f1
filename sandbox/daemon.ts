import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** How long a daemon may take from its start until it says that it is ready, in milliseconds. It takes 300 on an idle machine. */
const READY_WITHIN_MS = 30_000;
const POLL_EVERY_MS = 20;

/** A real Prometheus or Alertmanager of this process, on a port of 127.0.0.1 that the system chose. */
export interface Daemon {
  readonly url: string;
  /** Ends this process and deletes its folder. */
  stop(): Promise<void>;
}

export interface DaemonSpec {
  readonly binary: string;
  /** Its configuration, written as JSON, which is YAML too. */
  readonly config: object;
  /** More files beside the configuration, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly args: (folder: string, configFile: string) => readonly string[];
}

const LISTENING = /msg="Listening on" address=(\S+)/;

async function ready(child: ChildProcess, name: string): Promise<string> {
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const address = LISTENING.exec(log)?.[1];
    const url = `http://${address}`;
    if (
      address !== undefined &&
      (await fetch(`${url}/-/ready`).then(
        (r) => r.ok,
        () => false,
      ))
    )
      return url;
    await pause(POLL_EVERY_MS);
  }
  throw new Error(`${name} did not become ready; its log ends with\n${log.slice(-2000)}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** Starts a daemon in a folder of its own and waits until it is ready. It dies with this process, however that ends. */
export async function startDaemon({ binary, config, files, args }: DaemonSpec): Promise<Daemon> {
  const folder = await mkdtemp(join(tmpdir(), `vramp-${basename(binary)}-`));
  const configFile = join(folder, "config.yml");
  const all = { ...files, [basename(configFile)]: JSON.stringify(config) };
  await Promise.all(Object.entries(all).map(([name, text]) => writeFile(join(folder, name), text)));
  // setpriv becomes the daemon, and has the kernel kill it when this process is gone: even a killed parent leaves none behind.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", binary, ...args(folder, configFile)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url: await Promise.race([ready(child, basename(binary)), failed]), stop };
  } catch (error) {
    if (child.pid !== undefined) await stop();
    throw error;
  }
}
