import { type Daemon, startDaemon } from "../../sandbox/daemon.ts";

export interface AlertmanagerSpec {
  /** alertmanager.yml as an object. */
  readonly config: object;
}

/** Starts Debian's Alertmanager, alone: without the cluster port that it would open on every interface. */
export function startAlertmanager({ config }: AlertmanagerSpec): Promise<Daemon> {
  return startDaemon({
    binary: "/usr/bin/prometheus-alertmanager",
    config,
    files: {},
    args: (folder, configFile) => [
      `--config.file=${configFile}`,
      `--storage.path=${folder}/data`,
      "--web.listen-address=127.0.0.1:0",
      "--cluster.listen-address=",
    ],
  });
}
