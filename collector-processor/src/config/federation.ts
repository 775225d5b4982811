import { clientTls, duration, fault, openUrl } from '@adf/service'
import { z } from 'zod'

/** The section `federation`. */
export const federation = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .meta({ description: 'train the networks of streams together with other sites; no telemetry leaves' }),
    url: openUrl('requests are signed with the key of this site')
      .optional()
      .meta({ description: 'of the federation server, such as https://federation.example:8081' }),
    name: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .meta({ description: 'what people call this site; left out: the name of the host' }),
    token: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'one-time token of an operator of the server, until this site is enrolled' }),
    token_file: z.string().optional().meta({ description: 'file that holds it, instead' }),
    streams: z
      .array(z.string().min(1).max(64))
      .max(64)
      .default([])
      .meta({ description: 'streams that take part; empty: all that have a network among their detectors' }),
    state: z.string().min(1).default('.adf/federation').meta({
      description: 'folder with the key of this site and what it holds of each run; for nobody else to read',
    }),
    cpu_budget: z
      .number()
      .gt(0)
      .max(1)
      .default(0.1)
      .meta({ description: 'share of one core that training for rounds may take' }),
    poll_interval: duration('30s', { min: '1s', max: '1h' }).meta({
      description: 'longest wait before the server is asked again',
    }),
    peers_file: z.string().min(1).optional().meta({
      description:
        'JSON file with the public keys of the other sites by client id, for rounds by secure aggregation; not from the server. Left out: no part in such rounds',
    }),
    personalise: z.boolean().default(true).meta({
      description:
        "fit the last layer of the global weights to this site's own data before they judge; that layer stays here",
    }),
    tls: clientTls.optional(),
  })
  .superRefine(({ enabled, url, token, token_file }, context) => {
    if (enabled && url === undefined) fault(context, ['url'], 'is required with federation.enabled')
    if (token !== undefined && token_file !== undefined)
      fault(context, ['token_file'], 'cannot be together with token')
  })
  .prefault({})
