import { duration, fault } from '@adf/service'
import { z } from 'zod'

/** The section `feedback`. */
export const feedback = z
  .strictObject({
    secret: z.string().min(32).optional().meta({
      description:
        'key that one-click links are signed with, the same as `deliver.feedback.secret` of processors',
    }),
    secret_file: z.string().min(1).optional().meta({
      description: 'file that holds it, instead; a second line has the key before, while it is replaced',
    }),
    max_age: duration('90d', { min: '1h' }).meta({ description: 'what is older is not judged any more' }),
    per_author_per_minute: z
      .number()
      .gt(0)
      .default(30)
      .meta({ description: 'verdicts of one author, on average' }),
    per_caller_per_minute: z
      .number()
      .gt(0)
      .default(300)
      .meta({ description: 'verdicts with one token, on average' }),
    slack: z
      .strictObject({
        signing_secret: z
          .string()
          .min(1)
          .optional()
          .meta({ description: "of Slack's app; without one there are no buttons" }),
        signing_secret_file: z
          .string()
          .min(1)
          .optional()
          .meta({ description: 'file that holds it, instead' }),
        response_hosts: z
          .array(z.string().min(1))
          .default(['hooks.slack.com'])
          .meta({ description: 'hosts that answers to buttons may be posted to' }),
      })
      .superRefine(({ signing_secret, signing_secret_file }, context) => {
        if (signing_secret !== undefined && signing_secret_file !== undefined)
          fault(context, ['signing_secret_file'], 'cannot be together with signing_secret')
      })
      .prefault({}),
    questions: z
      .strictObject({
        share: z.number().min(0).max(1).default(0.015).meta({
          description: 'of episodes under the threshold that are asked about; 0: none',
        }),
        max_open: z.int().min(1).max(10_000).default(20).meta({ description: 'unanswered ones at once' }),
        expire_after: duration('3d', { min: '1h' }),
        interval: duration('10m', { min: '1s' }).meta({
          description: 'how often some entities are looked at',
        }),
      })
      .prefault({}),
  })
  .superRefine(({ secret, secret_file }, context) => {
    if (secret !== undefined && secret_file !== undefined)
      fault(context, ['secret_file'], 'cannot be together with secret')
  })
  .prefault({})
  .meta({ description: 'verdicts of operators' })
