import type { SignalObservation } from "../model/signal.ts";
import type { Policy } from "../policy/schema/policy.ts";
import type { EpochSeconds } from "../policy/units.ts";
import { signalWindows } from "../policy/windows.ts";
import { SourceMisconfigured, settle } from "./errors.ts";
import type { SignalRequest } from "./signal-source.ts";
import type { SignalSources } from "./sources.ts";

export interface SignalsToRead {
  readonly policy: Policy;
  readonly workload: string;
  readonly now: EpochSeconds;
  /** The deadline of all signals together. */
  readonly abort: AbortSignal;
  readonly sources: SignalSources;
}

const entryOf = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

function requestsOf({ policy, workload, now }: SignalsToRead): readonly SignalRequest[] {
  return [...signalWindows(policy, workload)].flatMap(([name, window]) => {
    const signal = entryOf(policy.signals, name);
    return signal === undefined ? [] : [{ name, signal, window, now }];
  });
}

/**
 * Reads every signal that a workload uses, all at once and each with one request, over the longest window that uses it.
 * Never throws and is back when `abort` fires: what could not be read is unknown, with its reason.
 */
export async function readSignals(wanted: SignalsToRead): Promise<Readonly<Record<string, SignalObservation>>> {
  const { policy, abort, sources } = wanted;
  const observations = requestsOf(wanted).map(async (request) => {
    const observation = await settle(abort, async () => {
      const { source: name } = request.signal;
      const declared = entryOf(policy.sources, name);
      if (declared === undefined) throw new SourceMisconfigured(`there is no source ${name}; declare it under sources`);
      return (await sources.open(declared)).fetch(request, abort);
    });
    return [request.name, observation] as const;
  });
  return Object.fromEntries(await Promise.all(observations));
}
