import { z } from 'zod'

/** The section `log` of every service. */
export const logging = z
  .strictObject({
    level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    pretty: z.boolean().default(false),
  })
  .prefault({})
