import type { Roster } from './advertisement.ts'
import { ENVELOPE_BYTES } from './envelope.ts'
import type { SealedShares } from './messages.ts'
import { SecureAggregationError } from './secure-aggregation-error.ts'

/**
 * All that the server can check of a client's shares, which it hands on: that each of the others gets one. Then all who hold shares
 * hold them of the same clients.
 *
 * @throws SecureAggregationError `unknown_client`, `wrong_shares`
 */
export function checkSealedShares(
  { clients }: Roster,
  sender: string,
  sealed: readonly SealedShares[],
): void {
  if (!clients.has(sender)) throw new SecureAggregationError('unknown_client', sender, sender)
  const recipients = new Set(sealed.map(({ recipient }) => recipient))
  const sound =
    sealed.length === clients.size - 1 &&
    recipients.size === sealed.length &&
    sealed.every(
      (one) =>
        one.sender === sender &&
        one.recipient !== sender &&
        clients.has(one.recipient) &&
        one.envelope.length === ENVELOPE_BYTES,
    )
  if (!sound)
    throw new SecureAggregationError(
      'wrong_shares',
      `${sender} must send ${ENVELOPE_BYTES} bytes to each of ${clients.size - 1} others`,
      sender,
    )
}
