import { execFileSync } from "node:child_process";

/** Everything that a process loads which runs this script in the project's root, as URLs. */
export function loadedBy(script: string): readonly string[] {
  const recorded = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    ${script}
    console.log(JSON.stringify(loaded));`;
  const cwd = new URL("../..", import.meta.url);
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", recorded], { cwd, encoding: "utf8" }));
}
