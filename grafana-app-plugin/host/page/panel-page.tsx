import {
  type DataQuery,
  dateTime,
  EventBusSrv,
  getDefaultTimeRange,
  LoadingState,
  type PanelData,
  PanelPlugin,
  type TimeRange,
} from '@grafana/data'
import { useEffect, useState } from 'react'
import { useParams, useSearchParams } from 'react-router-dom-v5-compat'
import { PluginPage } from './plugin-page.tsx'
import { loadPlugin } from './shared-modules.ts'
import { framesOf, loadSource } from './source.ts'

/** What a dashboard would keep of a panel, from the address: `targets` and `options` as JSON, `from` and `to` as RFC 3339. */
interface Kept {
  readonly targets: readonly DataQuery[]
  readonly options: object
  readonly range: TimeRange
}

const WIDTH = 1000
const HEIGHT = 480
const REFRESH_MS = 5000

/** One panel of the app as a dashboard would show it, with data of the data source ADF. */
export function PanelPage() {
  const { id = '' } = useParams()
  const [search] = useSearchParams()
  const kept = search.toString()
  const [plugin, setPlugin] = useState<PanelPlugin>()
  const [data, setData] = useState<PanelData>()
  const [fault, setFault] = useState<Error>()

  useEffect(() => {
    let over = false
    const show = async () => {
      const { plugin: panel } = await loadPlugin(`/public/plugins/${id}/module.js`)
      if (!(panel instanceof PanelPlugin)) throw new Error(`${id} is no panel`)
      setPlugin(panel)
      while (!over) {
        const { targets, range } = keptOf(new URLSearchParams(kept))
        const series = targets.length === 0 ? [] : await framesOf(await loadSource(), targets, range)
        if (!over) setData({ state: LoadingState.Done, series, timeRange: range })
        await new Promise((resolve) => setTimeout(resolve, REFRESH_MS))
      }
    }
    show().catch((error: unknown) => setFault(error instanceof Error ? error : new Error(String(error))))
    return () => {
      over = true
    }
  }, [id, kept])

  return (
    <PluginPage pageNav={{ text: id }}>
      {fault === undefined ? null : <p role="alert">{fault.message}</p>}
      {plugin === undefined || data === undefined ? null : (
        <Shown plugin={plugin} data={data} options={keptOf(search).options} />
      )}
    </PluginPage>
  )
}

function keptOf(search: URLSearchParams): Kept {
  const json = (name: string, otherwise: string) => JSON.parse(search.get(name) ?? otherwise)
  const range = getDefaultTimeRange()
  const [from, to] = [search.get('from'), search.get('to')]
  return {
    targets: json('targets', '[]').map((target: object, index: number) => ({ refId: `${index}`, ...target })),
    options: json('options', '{}'),
    range: {
      ...range,
      ...(from !== null && { from: dateTime(from) }),
      ...(to !== null && { to: dateTime(to) }),
    },
  }
}

function Shown({ plugin, data, options }: { plugin: PanelPlugin; data: PanelData; options: object }) {
  const Panel = plugin.panel
  if (Panel === null) return null
  return (
    <Panel
      id={1}
      title=""
      data={data}
      timeRange={data.timeRange}
      timeZone="browser"
      options={{ ...plugin.defaults, ...options }}
      transparent={false}
      width={WIDTH}
      height={HEIGHT}
      fieldConfig={{ defaults: {}, overrides: [] }}
      renderCounter={1}
      eventBus={bus}
      onOptionsChange={() => {}}
      onFieldConfigChange={() => {}}
      replaceVariables={(text) => text}
      onChangeTimeRange={() => {}}
    />
  )
}

const bus = new EventBusSrv()
