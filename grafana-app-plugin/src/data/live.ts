import type { AlertMessage } from '@adf/contract'

/** As much of a WebSocket as is needed. */
export interface Channel {
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: (() => void) | null
  close(): void
}

export interface LiveOptions {
  readonly open: () => Channel
  /** Kinds of what came since the last call; at most once in `GATHERED_MS`. */
  readonly heard: (kinds: ReadonlySet<AlertMessage['type']>) => void
  readonly after: (ms: number, then: () => void) => () => void
}

/** So long messages are gathered: an incident comes with many anomalies. */
export const GATHERED_MS = 1000
const FIRST_WAIT_MS = 2000
const LONGEST_WAIT_MS = 60_000
/** A proxy that lets no WebSocket through will not the next minute either: then there is polling, which goes on anyway. */
const REFUSALS = 3

/**
 * Listens for anomalies and incidents as they come. A connection that was lost is opened again after 2 s, 4 s, … 60 s; one that never opened is
 * given up after three attempts. stop() ends it for good.
 */
export function listen({ open, heard, after }: LiveOptions): { stop: () => void } {
  const kinds = new Set<AlertMessage['type']>()
  let channel: Channel | undefined
  let cancelTell: (() => void) | undefined
  let cancelRetry: (() => void) | undefined
  let refusals = 0
  let waitMs = FIRST_WAIT_MS
  let stopped = false

  const tell = () => {
    cancelTell = undefined
    const told = new Set(kinds)
    kinds.clear()
    heard(told)
  }
  const connect = () => {
    let opened = false
    channel = open()
    channel.onopen = () => {
      opened = true
      refusals = 0
      waitMs = FIRST_WAIT_MS
    }
    channel.onmessage = ({ data }) => {
      const kind = kindOf(data)
      if (kind === undefined) return
      kinds.add(kind)
      cancelTell ??= after(GATHERED_MS, tell)
    }
    channel.onclose = () => {
      if (stopped) return
      if (!opened) refusals++
      if (refusals >= REFUSALS) return
      cancelRetry = after(waitMs, connect)
      waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs)
    }
  }
  connect()
  return {
    stop: () => {
      stopped = true
      cancelTell?.()
      cancelRetry?.()
      channel?.close()
    },
  }
}

function kindOf(data: unknown): AlertMessage['type'] | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const message: unknown = JSON.parse(data)
    const type: unknown =
      typeof message === 'object' && message !== null ? Reflect.get(message, 'type') : undefined
    return type === 'anomaly' || type === 'incident' ? type : undefined
  } catch {
    return undefined
  }
}
