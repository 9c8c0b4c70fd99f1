// `node scripts/run.mjs FILE [args]`: installs what is missing, then runs FILE under the pinned Node.
import { spawn } from "node:child_process";
import { ensurePackages, PINNED_NODE } from "./setup.mjs";

ensurePackages();
const child = spawn(PINNED_NODE, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
