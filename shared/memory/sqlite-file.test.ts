import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EMPTY_MEMORY, type WorkloadMemory } from "../model/memory.ts";
import { EMPTY_OUTBOX } from "../model/outbox.ts";
import { MemoryUnavailable, MemoryUnreadable } from "./errors.ts";
import { MemoryInUse } from "./sqlite-errors.ts";
import { openSqliteMemory, type SqliteMemory, STORE_SCHEMA } from "./sqlite-file.ts";

let folder: string;
let file: string;
const opened: SqliteMemory[] = [];
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vramp-sqlite-"));
  file = join(folder, "memory.db");
});
afterEach(async () => {
  for (const store of opened.splice(0)) store.close();
  for (const child of children.splice(0)) await killed(child);
  rmSync(folder, { recursive: true });
});

function open(): SqliteMemory {
  const store = openSqliteMemory(file);
  opened.push(store);
  return store;
}

const close = (): void => opened.pop()?.close();

/** Changes the file behind vramp's back. */
function sql(text: string): void {
  const db = new DatabaseSync(file);
  db.exec(text);
  db.close();
}

const NOTED: WorkloadMemory = { ...EMPTY_MEMORY, turns: [0.1 + 0.2, 9] };

/** What another process does once it has the file: takes the lease and saves. */
const OTHER = `
  const [module, file, memory, then] = process.argv.slice(1);
  const { openSqliteMemory } = await import(module);
  await (async () => {
    const store = openSqliteMemory(file);
    await store.memory.acquire("workload#llm", "other", 90, 100);
    await store.memory.save("llm", JSON.parse(memory), 0);
  })();
  await eval("(async () => {" + then + "})()");
  console.log("saved");
  setInterval(() => {}, 60_000);
`;

/** Another process that has the file open, and has done `then` besides. */
async function otherProcess(then = ""): Promise<ChildProcess> {
  const module = new URL("sqlite-file.ts", import.meta.url).href;
  const memory = JSON.stringify(NOTED);
  const args = ["--expose-gc", "--input-type=module", "-e", OTHER, "--", module, file, memory, then];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const gone = once(child, "exit").then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
  await Promise.race([once(child.stdout, "data"), gone]);
  gone.catch(() => {}); // it ends when the test kills it
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

describe("a memory file", () => {
  it("keeps what was saved for the next process, its audit still one chain", async () => {
    const first = open();
    await first.memory.save("llm", NOTED, 0);
    await first.memory.append({ workload: "llm", type: "acted", time: "t", data: { n: 1 } });
    close();

    const { memory } = open();

    expect(await memory.load("llm")).toEqual({ value: NOTED, version: 1 });
    await memory.append({ workload: "llm", type: "acted", time: "t", data: { n: 2 } });
    expect((await memory.history("llm", 9)).map(({ sequence }) => sequence)).toEqual([2, 1]);
  });

  it("commits to a log beside it, so that a reader does not keep vramp from writing", async () => {
    const { memory } = open();
    const reader = new DatabaseSync(file, { readOnly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT * FROM memories").all();
    expect(await memory.save("llm", EMPTY_MEMORY, 0)).toBe(1);
    reader.close();
  });

  it("is unavailable, by name and with what was under way, while somebody else writes to it", async () => {
    const { memory } = open();
    const writer = new DatabaseSync(file);
    writer.exec("BEGIN IMMEDIATE");
    await expect(memory.save("llm", EMPTY_MEMORY, 0)).rejects.toBeInstanceOf(MemoryUnavailable);
    await expect(memory.append({ workload: "llm", type: "acted", time: "t", data: {} })).rejects.toThrow(
      /memory\.db failed \(database is locked\) while appending to the audit of llm/,
    );
    writer.close();
    expect(await memory.save("llm", EMPTY_MEMORY, 0)).toBe(1);
    await memory.append({ workload: "llm", type: "acted", time: "t", data: {} });
  });

  it("is unavailable once it is closed", async () => {
    const { memory } = open();
    close();
    await expect(memory.load("llm")).rejects.toBeInstanceOf(MemoryUnavailable);
  });

  it.each([
    [
      "a newer schema",
      () => sql(`UPDATE store SET schema = ${STORE_SCHEMA + 1}`),
      /schema 2, and this version reads 1/,
    ],
    ["another program's tables", () => sql("DROP TABLE store"), /a database of something else/],
  ])("with %s is refused, and left as it is", (_what, change, message) => {
    open();
    close();
    change();
    expect(() => open()).toThrow(MemoryUnreadable);
    expect(() => open()).toThrow(message);
  });

  it("that is no database is refused", () => {
    writeFileSync(file, "Dear diary, ".repeat(100));
    expect(() => open()).toThrow(MemoryUnreadable);
    expect(() => open()).toThrow(/damaged, or not SQLite's/);
  });

  it("in a folder that is not there is unavailable", () => {
    file = join(folder, "missing", "memory.db");
    expect(() => open()).toThrow(MemoryUnavailable);
  });

  it("forgets replies that have expired", async () => {
    const { memory } = open();
    for (const n of [1, 2, 3]) await memory.remember(`r${n}`, n, n * 100);
    await memory.recall("another", 200);
    const reader = new DatabaseSync(file, { readOnly: true });
    expect(reader.prepare("SELECT request_id FROM replies").all()).toEqual([{ request_id: "r3" }]);
    reader.close();
  });
});

describe("a memory file that a process has", () => {
  it("is refused to a second one, with the first one's number", async () => {
    const { pid } = await otherProcess();
    expect(() => open()).toThrow(MemoryInUse);
    expect(() => open()).toThrow(`in use by process ${pid} on ${hostname()}`);
  });

  it("stays refused though nobody refers to the lock any more", async () => {
    const { pid } = await otherProcess(
      "globalThis.gc(); await new Promise((next) => setTimeout(next, 1)); globalThis.gc();",
    );
    expect(() => open()).toThrow(`in use by process ${pid}`);
  });

  it("is free once that one is killed: what it noted is there, its lease is not, and the epoch grows", async () => {
    await killed(await otherProcess());
    const { memory } = open();
    expect((await memory.load("llm")).value).toEqual(NOTED);
    expect(await memory.acquire("workload#llm", "me", 90, 101)).toMatchObject({ epoch: 2 });
  });

  it("is refused within one process too, and free when that is closed", () => {
    open();
    expect(() => open()).toThrow(`in use by process ${process.pid}`);
    close();
    open();
  });
});

it("a file from before there were outboxes is given them, and keeps what it has", async () => {
  await open().memory.save("llm", NOTED, 0);
  close();
  sql("DROP TABLE outboxes");
  const { memory } = open();
  expect(await memory.saveOutbox("workload#llm", EMPTY_OUTBOX, 0)).toBe(true);
  expect(await memory.load("llm")).toEqual({ value: NOTED, version: 1 });
});
