import type { Status } from '@adf/contract'
import { duration } from '../text/duration.ts'
import { say } from '../text/say.ts'

/** Silence longer than this is told: collectors send every few seconds. */
const SILENT_MS = 60_000

/** The whole state in one line, by the processor's own clock. */
export function stateLine(status: Status): string {
  const { incidents, entities, telemetry } = status
  const open =
    incidents.open === 0
      ? say('state.no-incidents', 'No open incident')
      : incidents.open === 1
        ? say('state.one-incident', '1 open incident')
        : say('state.incidents', '{{count}} open incidents', { count: incidents.open })
  const scored =
    entities.total === 0
      ? say('state.nothing', 'nothing is watched yet')
      : entities.scored === entities.total
        ? say('state.scored', '{{scored}} of {{total}} services and hosts are watched', entities)
        : say(
            'state.learning',
            '{{scored}} of {{total}} services and hosts are watched, the others are still learned',
            entities,
          )
  return say('state.line', '{{open}}; {{scored}}; {{telemetry}}.', {
    open,
    scored,
    telemetry: arrivalOf(telemetry, status.at),
  })
}

function arrivalOf(telemetry: Status['telemetry'], at: string): string {
  const last = Object.values(telemetry).flatMap(({ last_at }) =>
    last_at === null ? [] : [Date.parse(last_at)],
  )
  if (last.length === 0) return say('state.no-telemetry', 'no telemetry has arrived yet')
  const silence = Date.parse(at) - Math.max(...last)
  return silence > SILENT_MS
    ? say('state.silent', 'nothing has arrived for {{duration}}', { duration: duration(silence) })
    : say('state.arriving', 'telemetry is arriving')
}
