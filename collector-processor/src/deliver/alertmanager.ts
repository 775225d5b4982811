import { FeedbackLinks, type Logger } from '@adf/service'
import type { Registry } from 'prom-client'
import type { AlertOutbox, IncidentStore } from '../store/store.ts'
import { AlertmanagerDelivery, type OtherAlerts } from './alertmanager/delivery.ts'

export type { AlertmanagerDelivery } from './alertmanager/delivery.ts'

/** The part `deliver` of the configuration, as far as Alertmanager is concerned. Durations are milliseconds. */
export interface AlertmanagerConfig {
  readonly alertmanager: {
    readonly urls: readonly string[]
    readonly resend_interval: number
    readonly timeout: number
    readonly basic_auth?: { readonly username: string; readonly password_file: string } | undefined
    readonly bearer_token_file?: string | undefined
    readonly labels: Readonly<Record<string, string>>
  }
  readonly external_url: string
  readonly feedback: { readonly url?: string | undefined; readonly expires_after: number }
}

/** Delivery to Alertmanager as configured; without URLs it does nothing. */
export function createAlertmanagerDelivery(parts: {
  config: AlertmanagerConfig
  /** Of `deliver.feedback`; the first signs. Without one, or without its URL, alerts carry no links. */
  feedbackKeys?: readonly string[]
  outbox: AlertOutbox
  incidents: Pick<IncidentStore, 'get' | 'open'>
  registry: Registry
  clock: () => number
  log: Logger
  delivered?: (incidentId: string, receiver: string, atMs: number) => void
  others?: OtherAlerts
}): AlertmanagerDelivery {
  const { config, feedbackKeys = [], ...others } = parts
  const { url, expires_after } = config.feedback
  const { urls, resend_interval, timeout, basic_auth, bearer_token_file, labels } = config.alertmanager
  return new AlertmanagerDelivery({
    ...others,
    options: {
      urls,
      resendIntervalMs: resend_interval,
      timeoutMs: timeout,
      credentials: {
        basicAuth: basic_auth && { username: basic_auth.username, passwordFile: basic_auth.password_file },
        bearerTokenFile: bearer_token_file,
      },
      labels,
      externalUrl: config.external_url,
      feedback:
        url === undefined || feedbackKeys.length === 0
          ? undefined
          : { url, links: new FeedbackLinks(feedbackKeys), expiresAfterMs: expires_after },
    },
  })
}
