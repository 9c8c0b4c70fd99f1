import { type Daemon, startDaemon } from "../../sandbox/daemon.ts";

export interface AlertmanagerSpec {
  /** alertmanager.yml as an object. */
  readonly config: object;
  /** What it is told of its cluster; alone without: it would open a port on every interface. */
  readonly cluster?: readonly string[];
}

const ALONE = ["--cluster.listen-address="];

/** Starts Debian's Alertmanager. */
export function startAlertmanager({ config, cluster = ALONE }: AlertmanagerSpec): Promise<Daemon> {
  return startDaemon({
    binary: "/usr/bin/prometheus-alertmanager",
    config,
    files: {},
    args: (folder, configFile) => [
      `--config.file=${configFile}`,
      `--storage.path=${folder}/data`,
      "--web.listen-address=127.0.0.1:0",
      ...cluster,
    ],
  });
}
