import type { Status } from '@adf/contract'
import type { Config } from '@adf/processor'
import { ago, type Finding, fault, ok, warning } from './finding.ts'

const QUIET_MS = 60_000
/** From then on an ADF without any telemetry is not just young. */
const GRACE_SECONDS = 60

const SIGNALS = [
  {
    signal: 'spans',
    advice: 'send traces by OTLP: latency, errors, the causal graph and root causes are made of them',
  },
  { signal: 'metrics', advice: 'send host metrics by OTLP (the collector has the hostmetrics receiver)' },
  { signal: 'logs', advice: 'send logs by OTLP, if changes of the logs are to be seen' },
] as const

/** Is telemetry arriving, by signal; `config` gives the ports to send to. */
export function checkTelemetry(
  { telemetry, at, uptime_seconds: uptime }: Pick<Status, 'telemetry' | 'at' | 'uptime_seconds'>,
  { receiver, edge }: Pick<Config, 'receiver' | 'edge'>,
): Finding[] {
  const nowMs = Date.parse(at)
  const { grpc, http } = receiver
  const where = `OTLP/gRPC to ${grpc.host}:${grpc.port}, OTLP/HTTP to ${http.host}:${http.port}`
  const counts = [...SIGNALS.map(({ signal }) => telemetry[signal].count), telemetry.events.count]
  if (counts.every((count) => count === 0)) {
    const say = uptime < GRACE_SECONDS ? warning : fault
    return [
      say(
        'telemetry',
        `nothing arrived since the start ${ago(uptime * 1000)} ago`,
        `send telemetry: ${where}`,
      ),
    ]
  }
  const findings = SIGNALS.map(({ signal, advice }): Finding => {
    const { count, last_at } = telemetry[signal]
    const limitMs = signal === 'metrics' ? Math.max(QUIET_MS, 3 * edge.interval) : QUIET_MS
    if (last_at === null) return warning(signal, 'none arrived', advice)
    const quietMs = nowMs - Date.parse(last_at)
    return quietMs > limitMs
      ? warning(
          signal,
          `none for ${ago(quietMs)}; ${count} before`,
          `see whether who sent them still runs; ${where}`,
        )
      : ok(signal, `${count} so far, the last ${ago(quietMs)} ago`)
  })
  const { events } = telemetry
  if (events.last_at !== null)
    findings.push(
      ok('events', `${events.count} so far, the last ${ago(nowMs - Date.parse(events.last_at))} ago`),
    )
  return findings
}
