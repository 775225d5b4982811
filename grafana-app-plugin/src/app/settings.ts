import { usePluginContext } from '@grafana/data'

/** What is set for the app, beside the token. */
export interface AppSettings {
  readonly apiUrl?: string
  /** Address of the Alertmanager webhook, where the threshold tuner is; empty: there is none. */
  readonly webhookUrl?: string
  /** Address of the federation server; empty: there is none. */
  readonly federationUrl?: string
  /** UID of a Tempo or Jaeger data source. */
  readonly tracingUid?: string
}

export function useSettings(): AppSettings {
  const settings: unknown = usePluginContext()?.meta.jsonData
  return typeof settings === 'object' && settings !== null ? settings : {}
}
