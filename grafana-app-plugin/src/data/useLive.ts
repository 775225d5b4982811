import type { AlertMessage } from '@adf/contract'
import { locationUtil } from '@grafana/data'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { type Channel, listen } from './live.ts'

const PATH = '/api/plugin-proxy/adf-app/ws/alerts'

/** What another anomaly or incident shows in another light. */
const AFFECTED: Readonly<Record<AlertMessage['type'], readonly string[]>> = {
  anomaly: ['anomalies', 'entities'],
  incident: ['incidents', 'incident', 'graph', 'status'],
}

/** Asks again at once when ADF says that something came, and not only at the next look. Closed while the tab is hidden. */
export function useLive(): void {
  const client = useQueryClient()
  useEffect(() => {
    const start = () =>
      listen({
        open: () => channelTo(PATH),
        heard: (kinds) => {
          for (const kind of kinds)
            for (const key of AFFECTED[kind]) client.invalidateQueries({ queryKey: [key] })
        },
        after: (ms, then) => {
          const timer = setTimeout(then, ms)
          return () => clearTimeout(timer)
        },
      })
    let live = document.hidden ? undefined : start()
    const onVisibility = () => {
      if (document.hidden) {
        live?.stop()
        live = undefined
      } else live ??= start()
    }
    document.addEventListener('visibilitychange', onVisibility)
    return () => {
      document.removeEventListener('visibilitychange', onVisibility)
      live?.stop()
    }
  }, [client])
}

/** To Grafana's own origin, as its policy wants. */
function channelTo(path: string): Channel {
  const url = new URL(locationUtil.assureBaseUrl(path), document.baseURI)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url)
  const channel: Channel = { onopen: null, onmessage: null, onclose: null, close: () => socket.close() }
  socket.onopen = () => channel.onopen?.()
  socket.onmessage = ({ data }: MessageEvent<unknown>) => channel.onmessage?.({ data })
  socket.onclose = () => channel.onclose?.()
  return channel
}
