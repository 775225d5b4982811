import type { Verdict } from '@adf/alertmanager-webhook'
import { seeded } from '@adf/detectors'
import type { TrueEpisode } from './scored-stream.ts'

/** Who gives verdicts, and how. */
export interface OperatorOptions {
  readonly seed: number
  /** Verdicts in all. */
  readonly verdicts: number
  /** Share of alerts that somebody judges. */
  readonly answers: number
  /** Share of verdicts that are wrong. */
  readonly wrong: number
  /** One of the five authors says the opposite of the truth, always. */
  readonly liar: boolean
}

const AUTHORS = 5
/** Share of episodes under the threshold that are asked about, and of incidents missed that are reported. */
const SAMPLED = 0.02
const REPORTED = 0.25
const ANSWERED_AFTER_MINUTES = 30

/** What the operators say of an episode, or nothing. The same coins for the same episode, whatever the threshold. */
export function verdictOn(
  { id, useful, endMinute }: TrueEpisode,
  entity: number,
  fired: boolean,
  { seed, answers, wrong, liar }: OperatorOptions,
): Verdict | undefined {
  const rng = seeded(Math.imul(seed * 64 + entity, 0x9e3779b1) ^ (id + 1))
  for (let i = 0; i < 3; i++) rng()
  const [answered, asked, reported, errs, who] = [rng(), rng(), rng(), rng(), rng()]
  const author = Math.floor(who * AUTHORS)
  const lies = liar && author === 0
  const says = errs < wrong === lies ? useful : !useful
  const base = {
    author: `author-${author}`,
    minute: endMinute,
    givenAtMinute: endMinute + ANSWERED_AFTER_MINUTES,
    value: says ? 'true_positive' : 'false_positive',
    weight: 1,
  } as const
  if (fired) return answered < answers ? { ...base, origin: 'fired', propensity: 1 } : undefined
  if (asked < SAMPLED) return { ...base, origin: 'sampled', propensity: SAMPLED }
  // Who reports an incident means it.
  if (useful && reported < REPORTED && !lies)
    return { ...base, value: 'true_positive', origin: 'missed', propensity: 1 }
  return undefined
}
