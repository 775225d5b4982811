import { createHmac, timingSafeEqual } from 'node:crypto'

/** A request that is older is one that somebody kept. */
const WINDOW_S = 5 * 60

/**
 * Whether a request was signed by Slack, or by what speaks its protocol: `v0=` and the hex HMAC-SHA256 of `v0:{timestamp}:{body}`.
 *
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function isSignedBySlack(
  request: {
    readonly timestamp: string | undefined
    readonly signature: string | undefined
    readonly body: Buffer
  },
  keys: readonly string[],
  nowMs: number,
): boolean {
  const { timestamp = '', signature = '', body } = request
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1000 - Number(timestamp)) > WINDOW_S) return false
  if (!/^v0=[0-9a-f]{64}$/.test(signature)) return false
  const given = Buffer.from(signature.slice(3), 'hex')
  let known = false
  // No early exit: the time taken says nothing about which key is near.
  for (const key of keys) {
    const own = createHmac('sha256', key).update(`v0:${timestamp}:`).update(body).digest()
    if (timingSafeEqual(own, given)) known = true
  }
  return known
}
