/** A backtest that cannot be run as it was asked for: what is missing or does not fit, and what to do. */
export class BacktestError extends Error {
  override readonly name = "BacktestError";
}
