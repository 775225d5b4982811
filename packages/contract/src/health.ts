import { z } from 'zod'

/** `GET /health` and `GET /ready`. */
export const Health = z
  .looseObject({
    status: z.enum(['ok', 'ready']),
    degraded: z.string().optional().meta({ description: 'what it does without for want of memory' }),
  })
  .meta({ id: 'Health' })
export type Health = z.infer<typeof Health>
