// A worker thread: works off the tasks it is sent, one after the other, and sends back what each came to.
import { parentPort, workerData } from "node:worker_threads";
import { createTaskRunner, type Task } from "./task.ts";

const run = createTaskRunner(String(workerData));

parentPort?.on("message", (task: Task) => {
  run(task).then(
    (result) => parentPort?.postMessage({ result }),
    (error: unknown) => parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) }),
  );
});
