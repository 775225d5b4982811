import type { AlertCounts, WhatIf, WhatIfRequest } from '@adf/contract/feedback'
import { ProblemError } from '@adf/service'
import type { z } from 'zod'
import type { Processor } from '../processor/processor.ts'
import { ProcessorError } from '../processor/processor-error.ts'
import { type History, historyOf } from '../tuner/history.ts'
import { whatIf as replay } from '../tuner/what-if.ts'
import { type EvidenceOptions, saidOf } from './evidence.ts'
import { historyFrom, NOTHING_SAID } from './histories.ts'
import { type Place, placeKey, rosterOf } from './roster.ts'
import { fetchPeaks } from './score-cache.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
const LONGEST_MS = 8 * DAY_MS

export interface WhatIfOptions extends Pick<EvidenceOptions, 'store' | 'memoryMs'> {
  readonly processors: readonly Processor[]
  readonly mostEntities: number
  readonly clock: () => number
}

/** Tries another threshold on the past. @throws ProblemError `invalid_request`, `not_found`, `not_ready` */
export async function tryThreshold(
  options: WhatIfOptions,
  request: WhatIfRequest,
  signal: AbortSignal,
): Promise<WhatIf> {
  const nowMs = options.clock()
  const toMs = Math.min(nowMs, request.to === undefined ? nowMs : Date.parse(request.to))
  const fromMs = request.from === undefined ? toMs - WEEK_MS : Date.parse(request.from)
  if (!(fromMs < toMs)) throw new ProblemError('invalid_request', 'from: must be before to, and before now')
  if (toMs - fromMs > LONGEST_MS)
    throw new ProblemError(
      'invalid_request',
      'from: at most eight days before to; severities are kept for little longer',
    )
  const { place, threshold } = await find(options, request, signal)
  const peaks = await fetchPeaks(
    place.processor,
    place,
    Math.floor(fromMs / MINUTE_MS),
    Math.ceil(toMs / MINUTE_MS),
    signal,
  ).catch(explain)
  const said = (await saidOf(options, nowMs)).get(placeKey(place.stream, place.entityId)) ?? NOTHING_SAID
  const span = { fromMinute: Math.floor(fromMs / MINUTE_MS), toMinute: Math.ceil(toMs / MINUTE_MS) }
  return compared(within(historyFrom(place, { peaks, ...span }, said), span), threshold, request.threshold)
}

/** Episodes that began in the time alone: what was said of others is of another time. */
function within(history: History, span: { fromMinute: number; toMinute: number }): History {
  const episodes = history.episodes.filter(
    ({ startMinute }) => startMinute >= span.fromMinute && startMinute < span.toMinute,
  )
  const { history: bare } = historyOf(history.entity, [], [], { initial: history.initial, ...span })
  return { ...bare, episodes }
}

async function find(
  { processors, mostEntities }: WhatIfOptions,
  { stream, entity_id }: WhatIfRequest,
  signal: AbortSignal,
): Promise<{ place: Place; threshold: number }> {
  const failures: ProcessorError[] = []
  for (const processor of processors) {
    try {
      const place = (await rosterOf(processor, 20 * mostEntities, signal)).get(placeKey(stream, entity_id))
      if (place === undefined) continue
      const { items } = await processor.thresholds({ stream, entity: entity_id, limit: 1 }, signal)
      return { place, threshold: items[0]?.value ?? place.initial }
    } catch (error) {
      if (!(error instanceof ProcessorError)) throw error
      failures.push(error)
    }
  }
  const [failure] = failures
  if (failure !== undefined) explain(failure)
  throw new ProblemError('not_found', `no processor scores ${entity_id} in stream ${stream}`)
}

function explain(error: unknown): never {
  if (!(error instanceof ProcessorError)) throw error
  if (error.status === 404) throw new ProblemError('not_found', error.message, { cause: error })
  throw new ProblemError('not_ready', `the processor does not answer: ${error.message}`, {
    headers: { 'retry-after': '10' },
    cause: error,
  })
}

type Counts = z.infer<typeof AlertCounts>

function compared(history: History, threshold: number, candidate: number): WhatIf {
  const now = replay(history, threshold)
  const then = replay(history, candidate)
  const before = countsOf(now)
  const after = countsOf(then)
  const iso = (minute: number) => new Date(minute * MINUTE_MS).toISOString()
  return {
    current: before,
    candidate: after,
    episodes: then.episodes.map((episode, at) => {
      const { startMinute, endMinute, peak, fires, verdict } = episode
      const unseen = history.episodes[at]?.verdicts.some(({ origin }) => origin !== 'fired') ?? false
      return {
        from: iso(startMinute),
        to: iso(endMinute + 1),
        severity: peak,
        verdict: verdict === 'true_positive' && unseen ? 'missed' : verdict,
        fires: peak >= threshold,
        would_fire: fires,
      }
    }),
    text:
      `At ${candidate}: ${after.alerts} ${after.alerts === 1 ? 'alert' : 'alerts'} instead of ${before.alerts}. ` +
      `Of ${before.useful} judged useful ${Math.min(before.useful, after.useful)} stay, ` +
      `of ${before.noise} judged noise ${Math.max(0, before.noise - after.noise)} go` +
      (after.useful > before.useful
        ? `; ${after.useful - before.useful} that were missed would be told.`
        : '.'),
  }
}

const countsOf = ({ alerts, useful, noise }: ReturnType<typeof replay>): Counts => ({
  alerts,
  useful: useful.kept,
  noise: noise.kept,
  missed: useful.lost,
})
