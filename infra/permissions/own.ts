// What the functions may do with the stack's own parts: the very actions the adapters call.
import type { Grant } from "./grant.ts";

/** `shared/wake/sqs.ts`; a batch needs no more than one message does. */
export const sendWakes = (queueArn: string): Grant => ({
  sid: "SendWakes",
  actions: ["sqs:SendMessage"],
  resources: [queueArn],
});

/** What Lambda asks of a role to feed a function from a queue. */
const RECEIVE = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"] as const;
export const receiveEvents = (queueArn: string): Grant => ({
  sid: "ReceiveEvents",
  actions: RECEIVE,
  resources: [queueArn],
});

/** Also `shared/wake/sqs-hand-back.ts`: what goes back comes again soon. */
export const receiveWakes = (queueArn: string): Grant => ({
  sid: "ReceiveWakes",
  actions: [...RECEIVE, "sqs:ChangeMessageVisibility"],
  resources: [queueArn],
});

/** `shared/memory/dynamodb.ts` but for the lease, spending and requests: load, save, append, history. */
export const remember = (tableArn: string): Grant => ({
  sid: "Remember",
  actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
  resources: [tableArn],
});

/** Load and save of workloads' memories, and nothing else of the table. */
export const noteNotices = (tableArn: string): Grant => ({
  sid: "NoteNotices",
  actions: ["dynamodb:GetItem", "dynamodb:PutItem"],
  resources: [tableArn],
  when: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["workload#*"] } },
});

/** The lease, and what the fleet's workloads cost, are the only things that are updated in place. */
export const updateInPlace = (tableArn: string): Grant => ({
  sid: "UpdateInPlace",
  actions: ["dynamodb:UpdateItem"],
  resources: [tableArn],
  when: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["lease#*", "fleet#*"] } },
});

/** An expired reply makes room for the next. Nothing else can be deleted, the audit least of all. */
export const forgetRequests = (tableArn: string): Grant => ({
  sid: "ForgetRequests",
  actions: ["dynamodb:DeleteItem"],
  resources: [tableArn],
  when: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["request#*"] } },
});

export const readSecret = (sid: string, secretArn: string): Grant => ({
  sid,
  actions: ["secretsmanager:GetSecretValue"],
  resources: [secretArn],
});

/** `shared/stop/ssm.ts`. Reading alone: who sets the stop is an operator. */
export const readStop = (parameterArn: string): Grant => ({
  sid: "ReadStop",
  actions: ["ssm:GetParameter"],
  resources: [parameterArn],
});

export const writeLogs = (logGroupArn: string): Grant => ({
  sid: "WriteLogs",
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [logGroupArn],
});
