import { error, type Finding, warning } from "../finding.ts";
import type { Policy } from "../schema/policy.ts";

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Metric sources are reached without giving secrets away. */
export function* sources(policy: Policy): Iterable<Finding> {
  const used = new Set(Object.values(policy.signals).map((signal) => signal.source));
  for (const [name, source] of Object.entries(policy.sources)) {
    const at = ["sources", name];
    if (!used.has(name))
      yield warning(at, {
        message: `source \`${name}\` is used by no signal`,
        fix: "remove it",
        involves: [["signals"]],
      });
    if (!("prometheus" in source)) continue;
    const { url, auth } = source.prometheus;
    const { protocol, hostname, username, password } = new URL(url);
    const path = [...at, "prometheus", "url"];
    if (username !== "" || password !== "")
      yield error(path, {
        message: "the URL holds a user name or password",
        why: "a policy is kept in git and shown in logs",
        fix: "take it out and use `auth: { basic: { username: …, passwordSecret: … } }`",
      });
    // On the same machine nobody can listen in.
    if (auth !== undefined && protocol === "http:" && !LOOPBACK.test(hostname))
      yield error(path, {
        message: "credentials would be sent over plain http",
        why: "whoever sees the traffic could use them",
        fix: "use https",
        involves: [[...at, "prometheus", "auth"]],
      });
  }
}
