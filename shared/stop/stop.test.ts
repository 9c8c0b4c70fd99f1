import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type Aws, startAws } from "../../sandbox/clouds/aws.ts";
import { awsJsonService, call } from "../../sandbox/clouds/aws-json.ts";
import { AwsFailure } from "../../sandbox/clouds/aws-wire.ts";
import { NOBODY } from "../../test/support/dynalite.ts";
import { SILENT } from "../telemetry/telemetry.ts";
import { heldByStop } from "./held-by-stop.ts";
import { CACHED_FOR, STANDS_FOR } from "./limits.ts";
import { createSsmStop } from "./ssm.ts";
import { NO_STOP, type Stop, type StopState } from "./stop.ts";

const PARAMETER = "/vramp/prod/stop";

describe("the stop in Systems Manager", () => {
  let aws: Aws;
  let stop: Stop;
  let value: string | null;
  const time = { now: 1_700_000_000 };

  beforeEach(async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", NOBODY.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", NOBODY.secretAccessKey);
    value = "false";
    const ssm = awsJsonService({
      target: "AmazonSSM",
      version: "1.1",
      calls: {
        GetParameter: call(false, z.strictObject({ Name: z.literal(PARAMETER) }), ({ Name }) => {
          if (value === null) throw new AwsFailure(400, "ParameterNotFound", "");
          return { Parameter: { Name, Type: "String", Value: value, Version: 1 } };
        }),
      },
    });
    aws = await startAws({ now: () => time.now, services: { ssm } });
    stop = createSsmStop({ parameter: PARAMETER, region: "eu-central-1", endpoint: aws.url, now: () => time.now });
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.stop();
  });

  it("is clear, and once an operator sets it, set within seconds", async () => {
    expect(await stop.read()).toEqual({ kind: "clear" });
    value = "true";
    time.now += CACHED_FOR;
    expect(await stop.read()).toEqual({ kind: "set" });
  });

  it("is asked for once by all the pools of one run, signed for Systems Manager in the fleet's region", async () => {
    await stop.read();
    time.now += CACHED_FOR - 1;
    await stop.read();
    expect(aws.calls).toHaveLength(1);
    expect(aws.calls[0]).toMatchObject({ service: "ssm", region: "eu-central-1", operation: "GetParameter" });
  });

  it.each(["5xx", "throttle", "denied", "badJson", "reset"] as const)(
    "stands as it last was when Systems Manager answers with %s, for a while and not for ever",
    async (kind) => {
      await stop.read();
      aws.fault({ operation: "GetParameter", kind, times: 2 });
      time.now += STANDS_FOR - 1;
      expect(await stop.read()).toEqual({ kind: "clear" });
      time.now += 1;
      expect(await stop.read()).toMatchObject({ kind: "unknown", why: expect.stringContaining(PARAMETER) });
      expect(await stop.read()).toEqual({ kind: "clear" });
    },
  );

  it.each([["yes", /neither true nor false/] as const, [null, /ParameterNotFound/] as const])(
    "is unknown when the parameter holds %s: it may have been meant as a stop",
    async (held, why) => {
      value = held;
      expect(await stop.read()).toMatchObject({ kind: "unknown", why: expect.stringMatching(why) });
    },
  );
});

describe("changes under a stop", () => {
  const CHANGES = [
    { pool: "spot", waits: null },
    { pool: "on-demand", waits: "OperationInProgress" },
  ] as const;

  async function held(state: StopState) {
    const counts: unknown[] = [];
    const telemetry = { ...SILENT, count: (...count: unknown[]) => void counts.push(count) };
    const changes = await heldByStop(CHANGES, { stop: { read: async () => state }, telemetry });
    return { changes, counts };
  }

  it("are asked for while it is clear", async () => {
    expect(await held({ kind: "clear" })).toEqual({ changes: CHANGES, counts: [] });
    expect(await heldByStop(CHANGES, { stop: NO_STOP, telemetry: SILENT })).toEqual(CHANGES);
  });

  it.each([
    [{ kind: "set" }, "Stopped"],
    [{ kind: "unknown", why: "gone" }, "StopUnknown"],
  ] as const)("wait while it is %o, and are counted as not done", async (state, why) => {
    const { changes, counts } = await held(state);
    expect(changes).toEqual([{ pool: "spot", waits: "Stopped" }, CHANGES[1]]);
    expect(counts).toEqual([["ResizeFailures", 1, why]]);
  });

  it("need no look at the stop when there are none to make", async () => {
    const stop: Stop = { read: () => Promise.reject(new Error("asked in vain")) };
    expect(await heldByStop([CHANGES[1]], { stop, telemetry: SILENT })).toEqual([CHANGES[1]]);
  });
});
