import { z } from 'zod'
import { RunName } from './scalar.ts'

/** Parameters of a route of one run. */
export const run = z.strictObject({ run: RunName })

/** Parameters of a route of one round. */
export const roundOfRun = run.extend({
  round: z.coerce.number().int().min(1).meta({ description: 'number of the round' }),
})
