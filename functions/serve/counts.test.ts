import { expect, it } from "vitest";
import { SILENT } from "../../shared/telemetry/telemetry.ts";
import { createCounting } from "./counts.ts";

it("shows every count since the start by its reason, as Prometheus reads them", () => {
  const { telemetry, exposition } = createCounting(SILENT);
  telemetry.count("WakesSent", 2, "tick");
  telemetry.count("AlertsAccepted", 1);
  telemetry.count("WakesSent", 1, "tick");
  telemetry.count("WakesSent", 4, 'a"\\\nb');
  expect(exposition()).toBe(
    [
      "# TYPE vramp_wakes_sent_total counter",
      'vramp_wakes_sent_total{reason="tick"} 3',
      'vramp_wakes_sent_total{reason="a\\"\\\\\\nb"} 4',
      "# TYPE vramp_alerts_accepted_total counter",
      "vramp_alerts_accepted_total 1",
      "",
    ].join("\n"),
  );
});

it("logs what it is given to log", () => {
  const logged: unknown[] = [];
  const { telemetry } = createCounting({ ...SILENT, warn: (message, fields) => void logged.push([message, fields]) });
  telemetry.warn("careful", { n: 1 });
  expect(logged).toEqual([["careful", { n: 1 }]]);
});
