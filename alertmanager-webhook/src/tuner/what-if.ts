import { DAY_MINUTES } from './cost.ts'
import type { History, Judged } from './history.ts'
import { MOST } from './severity.ts'
import { checkNumber } from './tuner-error.ts'

export interface WhatIf {
  readonly threshold: number
  readonly days: number
  readonly alerts: number
  readonly alertsPerDay: number
  /** Judged episodes that would have been alerts, and those that would not. */
  readonly useful: { readonly kept: number; readonly lost: number }
  readonly noise: { readonly kept: number; readonly gone: number }
  readonly unjudged: number
  /** Ascending. */
  readonly episodes: readonly WhatIfEpisode[]
}

export interface WhatIfEpisode {
  readonly startMinute: number
  readonly endMinute: number
  readonly peak: number
  readonly fires: boolean
  /** What most authors say, by weight; `true_positive` on a tie. */
  readonly verdict: 'true_positive' | 'false_positive' | null
}

/** What a threshold would have made of the stored past: each episode from its peak and the verdicts on it. @throws TunerError */
export function whatIf({ episodes, fromMinute, toMinute }: History, threshold: number): WhatIf {
  checkNumber('threshold', threshold, 0, MOST)
  const told = episodes.map((episode) => ({
    startMinute: episode.startMinute,
    endMinute: episode.endMinute,
    peak: episode.peak,
    fires: episode.peak >= threshold,
    verdict: verdictOn(episode),
  }))
  const count = (verdict: WhatIfEpisode['verdict'], fires: boolean) =>
    told.filter((one) => one.verdict === verdict && one.fires === fires).length
  const days = Math.max(1, toMinute - fromMinute) / DAY_MINUTES
  const alerts = told.filter(({ fires }) => fires).length
  return {
    threshold,
    days,
    alerts,
    alertsPerDay: told.filter(({ fires, startMinute }) => fires && startMinute >= fromMinute).length / days,
    useful: { kept: count('true_positive', true), lost: count('true_positive', false) },
    noise: { kept: count('false_positive', true), gone: count('false_positive', false) },
    unjudged: count(null, true),
    episodes: told,
  }
}

function verdictOn({ verdicts }: Judged): WhatIfEpisode['verdict'] {
  if (verdicts.length === 0) return null
  const balance = verdicts.reduce(
    (sum, { value, weight }) => sum + (value === 'true_positive' ? weight : -weight),
    0,
  )
  return balance >= 0 ? 'true_positive' : 'false_positive'
}
