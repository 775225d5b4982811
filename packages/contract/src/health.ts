import { z } from 'zod'

/** `GET /health` and `GET /ready`. */
export const Health = z.looseObject({ status: z.enum(['ok', 'ready']) }).meta({ id: 'Health' })
export type Health = z.infer<typeof Health>
