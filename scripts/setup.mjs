// Runs on whatever Node the machine has (>= 20): installs what is missing, so that a fresh clone needs one command.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The Node that the project pins (24); a dev dependency, so that the machine's own may be older. */
export const PINNED_NODE = `${ROOT}node_modules/.bin/node`;

const say = (text) => process.stderr.write(`setup: ${text}\n`);

function fail(text) {
  say(text);
  process.exit(1);
}

function run(command, args) {
  return spawnSync(command, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

const packagesIn = (file) => JSON.parse(readFileSync(`${ROOT}${file}`, "utf8")).packages;

/** Whether npm's own note of what is installed has every locked package in its locked version. */
function installed() {
  if (!existsSync(`${ROOT}node_modules/.package-lock.json`) || !existsSync(PINNED_NODE)) return false;
  const present = packagesIn("node_modules/.package-lock.json");
  const locked = Object.entries(packagesIn("package-lock.json"));
  // Optional packages are for other platforms; the root has no version of its own here.
  return locked.every(([path, { version, optional }]) => path === "" || optional || present[path]?.version === version);
}

/** Installs the locked npm packages unless they are installed already. */
export function ensurePackages() {
  if (installed()) return;
  say("installing npm packages (npm ci), about a minute");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    env: { ...process.env, npm_config_engine_strict: "false" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (npm.status !== 0) fail("npm ci failed; its messages are above. It needs the npm registry and package-lock.json.");
  if (!existsSync(PINNED_NODE))
    fail("the `node` package did not install Node 24; run `npm rebuild node` and try again.");
}

/** Debian packages that tests use as the real thing, and the file that shows each is there. */
const SYSTEM = [
  { name: "prometheus", files: ["/usr/bin/prometheus", "/usr/bin/promtool"] },
  { name: "prometheus-alertmanager", files: ["/usr/bin/prometheus-alertmanager", "/usr/bin/amtool"] },
  { name: "openssl", files: ["/usr/bin/openssl"] },
];

const isFile = (path) => existsSync(path) && statSync(path).isFile();

/** Installs the Debian packages through apt when they are missing and we may; else says exactly what is missing. */
export function ensureSystemPackages() {
  const missing = SYSTEM.filter((p) => !p.files.every(isFile)).map((p) => p.name);
  if (missing.length === 0) return;
  const may = process.getuid?.() === 0 && isFile("/usr/bin/apt-get");
  if (!may) fail(`missing: ${missing.join(", ")}. Install with: sudo apt-get install ${missing.join(" ")}`);
  say(`installing Debian packages: ${missing.join(", ")}`);
  run("apt-get", ["update", "-qq"]);
  const args = ["install", "-y", "-qq", "--no-install-recommends", ...missing];
  if (!run("apt-get", args)) fail(`apt-get could not install ${missing.join(", ")}; install them and try again.`);
}
