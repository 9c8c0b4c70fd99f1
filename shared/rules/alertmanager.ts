import type { Policy } from "../policy/schema/policy.ts";
import { formatDuration } from "../policy/units.ts";
import { GROUP_INTERVAL, GROUP_WAIT, REPEAT_INTERVAL } from "./limits.ts";
import { RulesError } from "./promql.ts";

export interface ReceiverOptions {
  /** Where vramp takes alerts: `https://…/alerts`. */
  readonly url: string;
  /** The file that holds the bearer token, as Alertmanager sees it. */
  readonly credentialsFile: string;
}

/** The receiver's name. */
export const RECEIVER = "vramp";

/** Stands for whatever receiver the reader's own Alertmanager has at the root of its tree. */
const ROOT_RECEIVER = "default";

/**
 * An Alertmanager configuration as data: complete, so that `amtool check-config` can judge it, with the routes and the
 * receiver to be copied into one's own.
 *
 * @throws RulesError if the URL is not one that Alertmanager can post to
 */
export function alertmanagerConfig(
  policy: Policy,
  { url, credentialsFile }: ReceiverOptions,
  workloads: readonly string[] = Object.keys(policy.workloads),
) {
  const alerts = [...new Set(workloads.flatMap((id) => policy.workloads[id]?.alerts ?? []))].toSorted();
  const ownRules = { matchers: ['vramp_workload=""', matchAny("alertname", alerts)], group_by: ["alertname"] };
  return {
    route: {
      receiver: ROOT_RECEIVER,
      routes: [
        route({ matchers: [matchAny("vramp_workload", workloads)], group_by: ["vramp_workload"] }),
        ...(alerts.length > 0 ? [route(ownRules)] : []),
      ],
    },
    receivers: [
      { name: ROOT_RECEIVER },
      {
        name: RECEIVER,
        webhook_configs: [
          {
            url: checkedUrl(url),
            send_resolved: true, // a resolved alert is a reason to look, too
            max_alerts: 0, // all: a body cut short would hide workloads
            http_config: {
              authorization: { type: "Bearer", credentials_file: credentialsFile },
              follow_redirects: false, // it would follow with an empty GET and count that as delivered
            },
          },
        ],
      },
    ],
  };
}

/** `continue`, so that the alert goes on to whoever else is to be told. */
const route = (what: { readonly matchers: readonly string[]; readonly group_by: readonly string[] }) => ({
  receiver: RECEIVER,
  ...what,
  continue: true,
  group_wait: formatDuration(GROUP_WAIT),
  group_interval: formatDuration(GROUP_INTERVAL),
  repeat_interval: formatDuration(REPEAT_INTERVAL),
});

/** A matcher that takes exactly these values: each quoted for RE2, the whole for Alertmanager's own syntax. */
function matchAny(name: string, values: readonly string[]): string {
  const pattern = values.map((value) => value.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&")).join("|");
  return `${name}=~"${pattern.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new RulesError(`"${text}" is no http or https URL; give the address of vramp's /alerts.`);
  if (url.username !== "" || url.password !== "")
    throw new RulesError(
      "The receiver URL holds a user or password; leave them out, the token stands in its own file.",
    );
  return url.href;
}
