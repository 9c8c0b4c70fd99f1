// What tests of targets and outboxes share.
import type { Notice } from "../model/notice.ts";
import type { Message } from "../model/outbox.ts";

export const noticeOfRun = (more: Partial<Notice> = {}): Notice => ({
  occasions: ["scaled"],
  fleet: "prod",
  workload: "llm",
  headline: "llm: 2 → 4 nodes",
  what: ["2 → 4 nodes", "spot 2 → 4"],
  why: ["RuleMatched: queue is 120, above 50 for 2m"],
  toDo: [],
  command: "vramp explain llm",
  ...more,
});

export const messageOf = (more: Partial<Notice> = {}, id = "m1"): Message => ({
  id,
  at: 1000,
  notice: noticeOfRun(more),
  targets: [],
});
