import { Worker } from "node:worker_threads";
import type { Task, TaskResult } from "./task.ts";

/** What a worker sends back. */
type Reply = { readonly result: TaskResult } | { readonly error: string };

interface Waiting {
  readonly task: Task;
  readonly done: (result: TaskResult) => void;
  readonly failed: (error: Error) => void;
}

/** Worker threads that share the tasks they are given. */
export interface Crew {
  readonly run: (task: Task) => Promise<TaskResult>;
  readonly dismiss: () => Promise<void>;
}

/** Starts so many workers on the traces of a folder. They are to be dismissed. */
export function hireCrew(size: number, folder: string): Crew {
  const line: Waiting[] = [];
  const idle: Worker[] = [];
  const current = new Map<Worker, Waiting>();

  const hand = () => {
    while (line.length > 0) {
      const worker = idle.pop();
      if (worker === undefined) return;
      const next = line.shift();
      if (next === undefined) return;
      current.set(worker, next);
      worker.postMessage(next.task);
    }
  };
  const settle = (worker: Worker, reply: Reply) => {
    const task = current.get(worker);
    current.delete(worker);
    idle.push(worker);
    if ("error" in reply) task?.failed(new Error(reply.error));
    else task?.done(reply.result);
    hand();
  };
  const workers = Array.from({ length: size }, () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: folder });
    worker.on("message", (reply: Reply) => settle(worker, reply));
    worker.on("error", (error) =>
      current.get(worker)?.failed(error instanceof Error ? error : new Error(String(error))),
    );
    idle.push(worker);
    return worker;
  });

  return {
    run: (task) =>
      new Promise((done, failed) => {
        line.push({ task, done, failed });
        hand();
      }),
    dismiss: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
