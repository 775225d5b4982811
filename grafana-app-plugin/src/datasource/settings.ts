import type { DataQuery, DataSourceApi, DataSourceJsonData } from '@grafana/data'
import type { Question } from './query.ts'

/** A question as a panel keeps it. */
export interface AdfQuery extends DataQuery, Partial<Question> {}

export interface AdfSourceOptions extends DataSourceJsonData {
  /** Address of the processor's API, without a slash at its end. */
  readonly apiUrl?: string
}

export interface AdfSourceSecrets {
  readonly apiToken?: string
}

/** The data source, as its editors know it. */
export type AdfSource = DataSourceApi<AdfQuery, AdfSourceOptions>
