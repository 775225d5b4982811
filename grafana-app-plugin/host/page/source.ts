import {
  type DataFrame,
  type DataQuery,
  type DataSourceApi,
  type DataSourceInstanceSettings,
  DataSourcePlugin,
  type TimeRange,
} from '@grafana/data'
import { lastValueFrom } from 'rxjs'
import { loadPlugin } from './shared-modules.ts'

const SETTINGS: Omit<DataSourceInstanceSettings, 'meta'> = {
  id: 1,
  uid: 'adf',
  type: 'adf-datasource',
  name: 'ADF',
  url: '/api/datasources/proxy/uid/adf',
  access: 'proxy',
  readOnly: true,
  jsonData: {},
}

export interface Source {
  readonly plugin: DataSourcePlugin<DataSourceApi>
  readonly api: DataSourceApi
}

/** The built data source of the app, as Grafana makes it; it goes through its own proxy routes. */
export async function loadSource(): Promise<Source> {
  const { plugin } = await loadPlugin('/public/plugins/adf-datasource/module.js')
  if (!(plugin instanceof DataSourcePlugin)) throw new Error('adf-datasource is no data source')
  return { plugin, api: new plugin.DataSourceClass({ ...SETTINGS, meta: plugin.meta }) }
}

/** What the data source makes of queries. Rejects with its first error. */
export async function framesOf(
  { api }: Source,
  targets: readonly DataQuery[],
  range: TimeRange,
): Promise<DataFrame[]> {
  const answer = api.query({
    requestId: 'console',
    interval: '10s',
    intervalMs: 10_000,
    range,
    scopedVars: {},
    targets: [...targets],
    timezone: 'browser',
    app: 'dashboard',
    startTime: Date.now(),
  })
  const { data, errors = [] } = 'then' in answer ? await answer : await lastValueFrom(answer)
  const [first] = errors
  if (first !== undefined) throw new Error(first.message ?? 'the data source gave an error')
  return data
}
