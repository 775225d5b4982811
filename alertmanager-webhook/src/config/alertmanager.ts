import { duration, fault } from '@adf/service'
import { z } from 'zod'

/** The section `alertmanager`. */
export const alertmanager = z
  .strictObject({
    urls: z
      .array(z.url({ protocol: /^https?$/ }))
      .max(16)
      .default([])
      .meta({
        description: 'every Alertmanager that notifies this webhook, such as http://127.0.0.1:9093',
      }),
    poll_interval: duration('30s', { min: '200ms' }).meta({
      description: 'how often they are asked which alerts are silenced or inhibited',
    }),
    timeout: duration('5s', { min: '10ms' }).meta({ description: 'of one question' }),
    basic_auth: z.strictObject({ username: z.string(), password_file: z.string() }).optional(),
    bearer_token_file: z.string().optional(),
  })
  .superRefine(({ basic_auth, bearer_token_file }, context) => {
    if (basic_auth !== undefined && bearer_token_file !== undefined)
      fault(
        context,
        ['bearer_token_file'],
        'cannot be together with basic_auth: a request has one credential',
      )
  })
  .prefault({})
  .meta({
    description:
      'silences keep notifications back: only the API of Alertmanager tells of them; none: not asked',
  })
