import { clientTls, duration, fault, openUrl } from '@adf/service'
import { z } from 'zod'

/** The section `processors`. */
export const processors = z
  .array(
    z
      .strictObject({
        url: openUrl('use token or token_file').meta({
          description: 'of its API, such as http://127.0.0.1:8080',
        }),
        token: z
          .string()
          .min(1)
          .optional()
          .meta({ description: 'bearer token of scopes feedback and admin' }),
        token_file: z.string().min(1).optional().meta({ description: 'file that holds it, instead' }),
        timeout: duration('10s', { min: '10ms' }).meta({ description: 'of one request' }),
        tls: clientTls.optional(),
      })
      .superRefine(({ token, token_file }, context) => {
        if (token !== undefined && token_file !== undefined)
          fault(context, ['token_file'], 'cannot be together with token')
      }),
  )
  .max(64)
  .default([])
  .meta({ description: 'processors that verdicts are brought to, and whose thresholds are tuned' })

export const following = duration('5s', { min: '50ms', max: '1h' }).meta({
  description: 'how often processors are asked for new verdicts',
})
