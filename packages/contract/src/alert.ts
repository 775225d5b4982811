import { z } from 'zod'
import { Anomaly } from './anomaly.ts'
import { Incident } from './incident.ts'

const Cursor = z.string().meta({
  description: 'place in the log of alerts; connect with `?cursor=` to get what came after it',
  example: '1842',
})

/** A message of `WS /ws/alerts`. An incident comes again each time it changes; its `id` says which one it is. */
export const AlertMessage = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('anomaly'), cursor: Cursor, data: Anomaly }),
    z.strictObject({ type: z.literal('incident'), cursor: Cursor, data: Incident }),
  ])
  .meta({ id: 'AlertMessage' })
export type AlertMessage = z.infer<typeof AlertMessage>

/** Why the server closed `WS /ws/alerts`, beside the codes of RFC 6455. */
export const AlertCloseCode = {
  /** The server stops; connect again with the last cursor. */
  goingAway: 1001,
  /** The client reads too slowly; connect again with the last cursor. */
  tooSlow: 4008,
  /** The cursor is older than what is kept: alerts are missing. Read `GET /api/anomalies`, then connect without a cursor. */
  cursorGone: 4010,
  /** No answer to a heartbeat. */
  silent: 4011,
} as const
