import { z } from 'zod'
import { Instant, Severity } from './scalar.ts'

/** `GET /api/scores`: the largest severity of each minute, to draw against a threshold and to try another one on. */
export const ScoreHistory = z
  .strictObject({
    stream: z.string(),
    entity_id: z.string(),
    from: Instant.meta({ description: 'begin of the first minute' }),
    interval_s: z.int().min(1),
    severities: z.array(Severity.max(2).nullable()).meta({
      description: 'rounded down to steps of 0.01, 2 at most; null where nothing was scored',
    }),
  })
  .meta({ id: 'ScoreHistory' })
export type ScoreHistory = z.infer<typeof ScoreHistory>
