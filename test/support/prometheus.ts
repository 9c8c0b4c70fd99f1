import { type Daemon, startDaemon } from "../../sandbox/daemon.ts";

export interface PrometheusSpec {
  /** prometheus.yml as an object. */
  readonly config: object;
  /** Rule files, by the name that `rule_files` has. */
  readonly files?: Readonly<Record<string, string>>;
  /** More flags, such as `--rules.alert.resend-delay=1s`. */
  readonly flags?: readonly string[];
}

/** Starts Debian's Prometheus. */
export function startPrometheus({ config, files = {}, flags = [] }: PrometheusSpec): Promise<Daemon> {
  return startDaemon({
    binary: "/usr/bin/prometheus",
    config,
    files,
    args: (folder, configFile) => [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${folder}/data`,
      "--web.listen-address=127.0.0.1:0",
      ...flags,
    ],
  });
}
