import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

/** A page that is open in a Chromium of its own. */
export interface OpenPage {
  /** What an expression comes to in the page. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** CI is slow; a browser that has not started by then will not. Milliseconds. */
const STARTS_WITHIN = 50_000;

const message = z.object({
  id: z.number(),
  error: z.looseObject({ message: z.string() }).optional(),
  result: z
    .looseObject({
      result: z.looseObject({ value: z.unknown().optional() }).optional(),
      exceptionDetails: z.looseObject({ text: z.string() }).optional(),
    })
    .optional(),
});
const targets = z.array(z.looseObject({ type: z.string(), webSocketDebuggerUrl: z.url() }));

/** Polls until something is there. */
async function awaited<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + STARTS_WITHIN;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Chromium did not get as far as ${what}`);
    await pause(50);
  }
}

/** Connects to the page by the port that Chromium chose and wrote down. */
async function pageOf(profile: string): Promise<WebSocket> {
  const port = await awaited("its port", async () => {
    const [first = ""] = (await readFile(join(profile, "DevToolsActivePort"), "utf8")).split("\n");
    return first === "" ? undefined : first;
  });
  const address = await awaited("its page", async () => {
    const list = targets.parse(await (await fetch(`http://127.0.0.1:${port}/json/list`)).json());
    return list.find(({ type }) => type === "page")?.webSocketDebuggerUrl;
  });
  const socket = new WebSocket(address);
  await new Promise((open, failed) => {
    socket.addEventListener("open", open, { once: true });
    socket.addEventListener("error", failed, { once: true });
  });
  return socket;
}

function createEvaluate(socket: WebSocket): OpenPage["evaluate"] {
  let last = 0;
  return (expression) =>
    new Promise((done, failed) => {
      last += 1;
      const id = last;
      const listen = ({ data }: MessageEvent) => {
        const parsed = message.safeParse(JSON.parse(String(data)));
        if (!parsed.success || parsed.data.id !== id) return;
        socket.removeEventListener("message", listen);
        const { error, result } = parsed.data;
        const wrong = error?.message ?? result?.exceptionDetails?.text;
        if (wrong === undefined) done(result?.result?.value);
        else failed(new Error(`${expression}: ${wrong}`));
      };
      socket.addEventListener("message", listen);
      socket.send(JSON.stringify({ id, method: "Runtime.evaluate", params: { expression, returnByValue: true } }));
    });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await over;
}

/** Opens a file in a Chromium with a profile of its own, without a network to speak of. It is to be closed. */
export async function openInChromium(file: string): Promise<OpenPage> {
  const profile = await mkdtemp(join(tmpdir(), "vramp-chromium-"));
  const quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
  const offline = ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--remote-debugging-port=0"];
  const options = [...quiet, ...offline, `--user-data-dir=${profile}`, "--window-size=1200,2400"];
  const child = spawn("chromium", [...options, `file://${file}`], { stdio: "ignore" });
  const failed = new Promise<never>((_resolve, reject) => child.once("error", reject));
  const close = async () => {
    await ended(child);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const socket = await Promise.race([pageOf(profile), failed]);
    const evaluate = createEvaluate(socket);
    await awaited("a page that has loaded", async () =>
      // Until it has the file, it shows an empty page, which is complete too.
      (await evaluate("location.protocol + document.readyState")) === "file:complete" ? true : undefined,
    );
    return {
      evaluate,
      close: async () => {
        socket.close();
        await close();
      },
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}
