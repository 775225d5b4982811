/** Less is no matter for people, and is how long an answer may take. */
const TOLERATED_MS = 60_000

/** By how much ADF's clock is ahead of this computer's, in ms, negative when behind; 0 where it does not matter. @param at RFC 3339, as ADF said it @param heardMs when that was heard here */
export function skewOf(at: string, heardMs: number): number {
  const skew = Date.parse(at) - heardMs
  return Math.abs(skew) < TOLERATED_MS ? 0 : skew
}
