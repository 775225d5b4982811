import { duration, listener, logging, placeFaults, placeKeys, tokens, tracing } from '@adf/service'
import { z } from 'zod'
import { alertmanager } from './config/alertmanager.ts'
import { value } from './config/value.ts'
import { webhook } from './config/webhook.ts'
import { feedback } from './feedback/config.ts'
import { following, processors } from './processor/config.ts'
import { thresholding } from './tuning/config.ts'

/** Of the store, when the configuration names no place. */
export const DEFAULT_PATH = '.adf/webhook.db'

const store = z
  .strictObject({
    ...placeKeys({ path: DEFAULT_PATH, schema: 'adf_webhook' }),
    retention: duration('90d', { min: '1h' }).meta({
      description: 'how long alerts that are over, words, missed incidents, questions and steps are kept',
    }),
    audit_retention: duration('400d', { min: '1h' }).meta({
      description: 'how long the audit log is kept',
    }),
    max_alerts: z.int().min(100).max(10_000_000).default(200_000).meta({
      description: 'alerts that are kept at most; beyond it the oldest that are over go',
    }),
    max_waiting: z.int().min(1).max(1_000_000).default(2000).meta({
      description: 'writes that wait for the database at most; further ones are refused with 503',
    }),
  })
  .superRefine(placeFaults)
  .prefault({})

/** The Alertmanager webhook's configuration. */
export const Config = z.strictObject({
  log: logging,
  api: listener(8082).meta({ description: 'webhook, API, metrics and documentation' }),
  store,
  auth: tokens(
    'bearer tokens; when there is one, every request needs one, but for /health, /ready, /docs and one-click links',
  ),
  webhook,
  alertmanager,
  value,
  processors,
  following,
  feedback,
  thresholding,
  telemetry: tracing,
})
export type Config = z.output<typeof Config>
