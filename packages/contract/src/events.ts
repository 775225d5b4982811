import { z } from 'zod'

/** Answer of `POST /api/events/{stream}`. Events that are listed under `errors` were dropped; the others are in. */
export const EventsAnswer = z
  .strictObject({
    accepted: z.int().min(0),
    rejected: z.int().min(0),
    errors: z
      .array(
        z.strictObject({
          index: z.int().min(0).meta({ description: 'place of the event in the request, from 0' }),
          message: z.string(),
        }),
      )
      .meta({ description: 'at most the first 20' }),
  })
  .meta({ id: 'EventsAnswer' })
export type EventsAnswer = z.infer<typeof EventsAnswer>

/** A JSON event of a user-defined stream: the fields that its features name, the entity's field and the time's field. Other fields are ignored. */
export const Event = z
  .record(z.string(), z.unknown())
  .meta({ id: 'Event', example: { timestamp: '2026-03-01T03:12:05.250Z', account: 'a-17', amount: 12.5 } })
export type Event = z.infer<typeof Event>
