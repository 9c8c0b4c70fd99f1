/**
 * List prices in USD of us-east-1, without the free tier and without tiers for large amounts, from AWS's own pricing pages
 * (aws.amazon.com/lambda/pricing and so on). Written down in November 2026; nobody asks AWS for them, so look yours up.
 */
export const PRICES = {
  /** A GB-second on arm64, and a million requests. */
  lambdaGbSecond: 0.0000133334,
  lambdaRequests: 0.2,
  /** A million units of DynamoDB on demand. */
  dynamoWrites: 0.625,
  dynamoReads: 0.125,
  /** A million requests. */
  sqsFifo: 0.5,
  sqsStandard: 0.4,
  schedulerCalls: 1,
  apiRequests: 3.5,
  /** A thousand metrics in GetMetricData. */
  getMetricData: 0.01,
  /** A GB taken in. */
  logs: 0.5,
  /** A month of one. */
  customMetric: 0.3,
  alarmMetric: 0.1,
  dashboard: 3,
  key: 1,
  secret: 0.4,
} as const;
