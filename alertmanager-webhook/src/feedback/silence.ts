import type { SilencedAlert } from '../store/store.ts'

/** What a silence on an alert says of the alert: `noise`, or why nothing. */
export type SilenceReading = 'noise' | 'before_the_alert' | 'planned' | 'acknowledged' | 'broad'

/** Words by which people say that they know why it fires, or that they made it so. */
const planned =
  /\b(maint(ain|enance)|deploy|rollout|release|upgrade|migrat|reboot|restart|planned|scheduled|drill|test(ing)?|backup|window)/i
const acknowledged =
  /\b(ack|acknowledged|investigat|looking|working on|known|fix|ticket|on it|handled|true positive|useful)/i
/** Whoever says so means it, whatever else the comment says. */
const noise = /\b(nois[ey]|false (positive|alarm)|flap|flaky|not useful)/i

/** Matchers by which a silence says which alert it means. */
const specific = new Set(['alertname', 'incident', 'service', 'job', 'instance', 'fingerprint'])

interface Matcher {
  readonly name: string
  readonly value: string
  readonly isRegex: boolean
  readonly isEqual: boolean
}

/**
 * Reads a silence as a verdict. Only one that was made on an alert that fired already, that names it, and whose comment gives no other
 * reason, says that it was noise: planned work is announced before or in the comment, and a cause that is known is silenced while
 * somebody works on it.
 */
export function readSilence({
  silence,
  alertStartedMs,
}: Pick<SilencedAlert, 'silence' | 'alertStartedMs'>): SilenceReading {
  if (silence.startsMs < alertStartedMs) return 'before_the_alert'
  if (!noise.test(silence.comment)) {
    if (planned.test(silence.comment)) return 'planned'
    if (acknowledged.test(silence.comment)) return 'acknowledged'
  }
  const named = matchersOf(silence.matchers).some(
    ({ name, value, isRegex, isEqual }) =>
      specific.has(name) && isEqual && !(isRegex && /[.*+|]/.test(value)),
  )
  return named ? 'noise' : 'broad'
}

function matchersOf(json: string): Matcher[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return []
  }
  if (!Array.isArray(value)) return []
  return value.flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null) return []
    const { name, value, isRegex, isEqual } = { name: '', value: '', isRegex: false, isEqual: true, ...each }
    return [
      { name: String(name), value: String(value), isRegex: Boolean(isRegex), isEqual: Boolean(isEqual) },
    ]
  })
}
