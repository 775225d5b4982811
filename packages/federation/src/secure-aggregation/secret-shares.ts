import { combine, split } from 'shamir-secret-sharing'
import { KEY_BYTES } from './key-agreement.ts'

/** A share of 32 bytes and the coordinate that it stands for. */
export const SHARE_BYTES = KEY_BYTES + 1

/**
 * Shares of a secret of 32 bytes, of which any `threshold` lead back to it and fewer say nothing of it (A. Shamir: How to Share a Secret,
 * 1979; over GF(2⁸), byte by byte). Other ones at each call: keep them, never make them anew for the same round.
 */
export const splitSecret = (secret: Uint8Array, shares: number, threshold: number): Promise<Uint8Array[]> =>
  split(Uint8Array.from(secret), shares, threshold)

/**
 * What the shares lead to; something else when one was changed or too few are given, so whoever calls it must know the secret when it
 * sees it. Undefined when two stand for the same coordinate, or one for zero: they are not of one secret.
 */
export async function combineShares(shares: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
  const coordinates = new Set(shares.map((share) => share[SHARE_BYTES - 1]))
  if (coordinates.size !== shares.length || coordinates.has(0)) return undefined
  return await combine(shares.map((share) => Uint8Array.from(share)))
}
