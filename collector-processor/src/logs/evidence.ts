import { type Deviation, deviation, type Floors } from '../rootcause/deviation.ts'
import type { LogEvidence, Series } from '../rootcause/evidence.ts'
import { type ExceptionType, type LogCounts, TemplateSlot, type Transition } from './log-counts.ts'
import type { TemplateMiner } from './miner.ts'
import type { LogSlots } from './options.ts'
import { canonical, type Template } from './template.ts'
import { type Timeline, timelineOf } from './timeline.ts'

/** Requests that a service served, by slot number; undefined when the graph does not know the service. */
export type RequestsOf = (service: string) => ReadonlyMap<number, number> | undefined

export interface LogQuestion {
  readonly fromMs: number
  readonly nowMs: number
  readonly services: readonly { readonly name: string; readonly number: number }[]
  readonly requestsOf: RequestsOf
}

/** Evidence of one service at most, the strongest. */
const KEPT = 6
/** Weaker deviations are no evidence. */
const MIN_Z = 3
/** Steps of history in which a service must have written something: before, everything is new. */
const MIN_HISTORY = 3
/** Records per request, or per second. */
const RATE_FLOORS: Floors = { relative: 0.1, absolute: 0.002, counted: true }
/** Shares of one template's records that another follows. */
const SHARE_FLOORS: Floors = { relative: 0.05, absolute: 0.02, counted: true }
const MAX_EXAMPLE = 300

/**
 * What the logs of each service say in the window against its own history, by median over blocks (deviation.ts). Templates and
 * exceptions count per request that the service served, or per second. A transition counts as a share of the records of its
 * first template: which requests come does not change it, what the code does between its two lines does.
 */
export function gatherLogEvidence(
  counts: LogCounts,
  miner: TemplateMiner,
  slots: LogSlots,
  question: LogQuestion,
): LogEvidence[] {
  const time = timelineOf(counts.services, slots, question.fromMs, question.nowMs)
  if (time.window === 0 || time.history === 0) return []
  const transitions = byService(counts.transitionTable.values())
  const exceptions = byService(counts.exceptionTable.values())
  const merged = byService(counts.merged)
  return question.services.flatMap(({ name, number }) => {
    const records = time.read(counts.services, number, 0)
    if (records.subarray(0, time.history).filter((n) => n > 0).length < MIN_HISTORY) return []
    const service = new ServiceEvidence(name, counts, time, question.requestsOf(name))
    return service.strongest(
      [...miner.of(number), ...(merged.get(number) ?? [])],
      transitions.get(number) ?? [],
      exceptions.get(number) ?? [],
    )
  })
}

function byService<One extends { readonly service: number }>(all: Iterable<One>): Map<number, One[]> {
  const groups = new Map<number, One[]>()
  for (const one of all) {
    const group = groups.get(one.service)
    if (group === undefined) groups.set(one.service, [one])
    else group.push(one)
  }
  return groups
}

/** Sums of one template, and of those that were merged into it. */
interface TemplateSums {
  readonly records: Float64Array
  readonly traced: Float64Array
}

class ServiceEvidence {
  readonly #service: string
  readonly #counts: LogCounts
  readonly #time: Timeline
  /** Requests, or seconds, behind each step. */
  readonly #load: Float64Array
  readonly #found: LogEvidence[] = []

  constructor(
    service: string,
    counts: LogCounts,
    time: Timeline,
    requests: ReadonlyMap<number, number> | undefined,
  ) {
    this.#service = service
    this.#counts = counts
    this.#time = time
    this.#load = loadOf(time, requests)
  }

  strongest(
    templates: readonly Template[],
    transitions: readonly Transition[],
    exceptions: readonly ExceptionType[],
  ): LogEvidence[] {
    const sums = this.#templateSums(templates)
    for (const [template, { records }] of sums)
      this.#judge('template', template.text, template.example, records, this.#load, RATE_FLOORS)
    for (const { from, to, series } of this.#transitionSums(transitions)) {
      const traced = sums.get(from)?.traced
      if (traced === undefined || !to.alive) continue
      // a slot that is not over lacks what comes next
      const complete = traced.map((n, i) => (i < this.#time.complete ? n : 0))
      const subject = `${from.text} → ${to.text}`
      this.#judge('transition', subject, to.example, series, complete, SHARE_FLOORS)
    }
    for (const { owner, type, example } of exceptions) {
      const series = this.#time.read(this.#counts.exceptions, owner, 0)
      this.#judge('exception', type, example, series, this.#load, RATE_FLOORS)
    }
    return this.#found.sort((a, b) => Math.abs(b.z) - Math.abs(a.z)).slice(0, KEPT)
  }

  #templateSums(templates: readonly Template[]): Map<Template, TemplateSums> {
    const sums = new Map<Template, TemplateSums>()
    for (const template of templates) {
      const now = canonical(template)
      if (!now.alive) continue
      const records = this.#time.read(this.#counts.templates, template.owner, TemplateSlot.records)
      const traced = this.#time.read(this.#counts.templates, template.owner, TemplateSlot.traced)
      const known = sums.get(now)
      if (known === undefined) sums.set(now, { records, traced })
      else {
        add(known.records, records)
        add(known.traced, traced)
      }
    }
    return sums
  }

  #transitionSums(transitions: readonly Transition[]) {
    const sums = new Map<string, { from: Template; to: Template; series: Float64Array }>()
    for (const { owner, from: before, to: after } of transitions) {
      const [from, to] = [canonical(before), canonical(after)]
      const series = this.#time.read(this.#counts.transitions, owner, 0)
      const key = `${from.serial} ${to.serial}`
      const known = sums.get(key)
      if (known === undefined) sums.set(key, { from, to, series })
      else add(known.series, series)
    }
    return sums.values()
  }

  #judge(
    what: LogEvidence['what'],
    subject: string,
    example: string,
    series: Float64Array,
    load: Float64Array,
    floors: Floors,
  ): void {
    const time = this.#time
    const share = series.map((n, i) => (load[i]! > 0 ? n / load[i]! : Number.NaN))
    const found = deviation(split(share, time), split(load, time), floors)
    if (found === undefined || !(Math.abs(found.z) >= MIN_Z)) return
    this.#found.push({
      service: this.#service,
      what,
      subject,
      example: example.slice(0, MAX_EXAMPLE),
      value: found.value,
      expected: found.expected,
      z: found.z,
      sinceMs: this.#since(found),
    })
  }

  #since({ onset }: Deviation): number {
    return this.#time.startOf(this.#time.history + Math.max(0, onset))
  }
}

/** Requests served in each step; seconds where the service serves none, or none that are known to be all. */
function loadOf(time: Timeline, requests: ReadonlyMap<number, number> | undefined): Float64Array {
  if (requests !== undefined && requests.size > 0) {
    // spans come when they end, and later than log records: the last slots still lack some
    const latest = Math.max(...requests.keys())
    const known = time.sum((slot) => (slot < latest ? (requests.get(slot) ?? 0) : 0))
    const whole = known.map((n, i) => (time.endsBefore(i, latest) ? n : 0))
    if (whole.subarray(time.history).some((n) => n > 0)) return whole
  }
  return time.seconds
}

function add(to: Float64Array, from: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = to[i]! + from[i]!
}

function split(values: Float64Array, { history }: Timeline): Series {
  return { history: values.subarray(0, history), window: values.subarray(history) }
}
