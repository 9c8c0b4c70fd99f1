// npm leaves other platforms' optional packages out of the lockfile when it is written beside an installed tree
// (npm/cli#4828), or from a registry that does not carry them; `npm ci` then refuses it. This puts their names and versions
// back, so that the same lockfile serves every platform. Run `npm run lockfile` after every `npm install`.
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";

const FILE = "package-lock.json";

const entry = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const lockfile = z.looseObject({ packages: z.record(z.string(), entry) });

const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64", "wasm32"];

/** The platform that a package's name ends in; null when it names none. */
function platformOf(name: string): { os: string[]; cpu: string[] } | null {
  const words = name.split(/[-/@]/);
  const system = SYSTEMS.find((s) => words.includes(s));
  const processor = PROCESSORS.find((p) => words.includes(p) || words.includes(`${p}eabi`));
  if (processor === "wasm32") return { os: system === undefined ? [] : [system], cpu: ["wasm32"] };
  return system === undefined ? null : { os: [system], cpu: processor === undefined ? [] : [processor] };
}

const lock = lockfile.parse(JSON.parse(readFileSync(FILE, "utf8")));
const added: string[] = [];
for (const [path, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
    const platform = platformOf(name);
    if (platform === null || !/^\d/.test(version) || places.some((place) => lock.packages[place] !== undefined))
      continue;
    const where = {
      ...(platform.cpu.length > 0 && { cpu: platform.cpu }),
      ...(platform.os.length > 0 && { os: platform.os }),
    };
    lock.packages[`node_modules/${name}`] = { version, ...(dev && { dev }), optional: true, ...where };
    added.push(name);
  }
}
const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(FILE, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
console.log(
  added.length === 0 ? `${FILE} is complete` : `${FILE}: put back ${added.length} packages of other platforms`,
);
