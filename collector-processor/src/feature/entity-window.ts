import { QuantileSketch } from '@adf/detectors'
import { Lateness } from './lateness.ts'
import { TemplateMix } from './template-mix.ts'
import type { StepPool, WindowStep } from './window-step.ts'

export interface WindowOptions {
  readonly stepMs: number
  /** Width of the window in steps. */
  readonly steps: number
  readonly maxLatenessMs: number
  readonly maxSkewMs: number
}

/** Requests of one step, added up. */
export interface RequestsOfStep {
  readonly atMs: number
  readonly requests: number
  readonly failures: number
  readonly arrivalMs: number
  readonly latency: readonly (readonly [number, number])[]
}

/** Log records of one step, added up. */
export interface RecordsOfStep {
  readonly atMs: number
  readonly records: number
  readonly errors: number
  readonly arrivalMs: number
  readonly templates: readonly (readonly [number, number])[]
}

/** Why an event was not taken. */
export const Fit = { taken: 0, late: 1, future: 2, full: 3 } as const
export type Fit = (typeof Fit)[keyof typeof Fit]

/**
 * The sliding window of one entity in event time. Step i holds the events of [i·step, (i+1)·step); a window that ends at
 * T = k·step is the sum of the steps k-W … k-1. The sum is kept up to date: a move adds the steps that come in and takes
 * away those that leave, so its cost does not grow with the window's width. Ends only move forward; an event older than
 * the current window is late, one younger than `maxSkewMs` after its arrival is from the future, and neither is counted.
 * Memory: at most W + (max lateness + max skew)/step steps, and only for steps in which something happened.
 */
export class EntityWindow {
  readonly lateness: Lateness
  readonly #options: WindowOptions
  readonly #pool: StepPool
  readonly #steps = new Map<number, WindowStep>()
  #last: WindowStep | undefined
  /** End of the window in steps, exclusive. */
  #end: number
  #first = Number.POSITIVE_INFINITY
  #earliest = Number.POSITIVE_INFINITY
  #latest = Number.NEGATIVE_INFINITY

  requests = 0
  failures = 0
  logs = 0
  errorLogs = 0
  readonly latency = new QuantileSketch()
  /** The log records by template. */
  readonly templates = new TemplateMix()
  /** Latest arrival of what is in the window; 0 when it is empty. */
  arrivalMs = 0

  constructor(options: WindowOptions, pool: StepPool, arrivalMs: number) {
    this.#options = options
    this.#pool = pool
    this.lateness = new Lateness(options.maxLatenessMs)
    this.#end = Math.floor((arrivalMs - options.maxLatenessMs) / options.stepMs)
  }

  /**
   * A request that the entity served; it ended at `endMs`, and stands for `count` such. Counts are float32: sums of them stay exact,
   * so that what leaves the window leaves nothing behind. Durations weigh alike.
   */
  request(endMs: number, durationMs: number, failed: boolean, arrivalMs: number, count = 1): Fit {
    const fit = this.#fit(endMs, arrivalMs)
    if (fit !== Fit.taken) return fit
    const step = this.#stepAt(endMs, arrivalMs)
    if (step === undefined) return Fit.full
    step.requests += count
    if (failed) step.failures += count
    step.latency.add(durationMs)
    if (step.index < this.#end) {
      this.requests += count
      if (failed) this.failures += count
      this.latency.add(durationMs)
      this.arrivalMs = Math.max(this.arrivalMs, arrivalMs)
    }
    return fit
  }

  /** Requests that others added up, of one step that begins at `atMs`; `latency` are durations and how many were alike. */
  requestsOf(part: RequestsOfStep): Fit {
    const { atMs, requests, failures, latency, arrivalMs } = part
    if (atMs < (this.#end - this.#options.steps) * this.#options.stepMs) return Fit.late
    const step = this.#stepAt(atMs, arrivalMs)
    if (step === undefined) return Fit.full
    const within = step.index < this.#end
    step.requests += requests
    step.failures += failures
    if (within) {
      this.requests += requests
      this.failures += failures
      this.arrivalMs = Math.max(this.arrivalMs, arrivalMs)
    }
    for (const [ms, count] of latency)
      for (let n = 0; n < count; n++) {
        step.latency.add(ms)
        if (within) this.latency.add(ms)
      }
    return Fit.taken
  }

  /** A log record; `template` is 0 where none was mined. */
  log(timeMs: number, error: boolean, template: number, arrivalMs: number): Fit {
    const fit = this.#fit(timeMs, arrivalMs)
    if (fit !== Fit.taken) return fit
    const step = this.#stepAt(timeMs, arrivalMs)
    if (step === undefined) return Fit.full
    step.logs++
    if (error) step.errorLogs++
    step.templates.add(template)
    if (step.index < this.#end) {
      this.logs++
      if (error) this.errorLogs++
      this.templates.add(template)
      this.arrivalMs = Math.max(this.arrivalMs, arrivalMs)
    }
    return fit
  }

  /** Log records that others added up, of one step that begins at `atMs`; `templates` are numbers and how many records each has. */
  recordsOf({ atMs, records, errors, templates, arrivalMs }: RecordsOfStep): Fit {
    if (atMs < (this.#end - this.#options.steps) * this.#options.stepMs) return Fit.late
    const step = this.#stepAt(atMs, arrivalMs)
    if (step === undefined) return Fit.full
    step.logs += records
    step.errorLogs += errors
    for (const [template, count] of templates) step.templates.add(template, count)
    if (step.index >= this.#end) return Fit.taken
    this.logs += records
    this.errorLogs += errors
    for (const [template, count] of templates) this.templates.add(template, count)
    this.arrivalMs = Math.max(this.arrivalMs, arrivalMs)
    return Fit.taken
  }

  /**
   * Moves the window to the last step whose telemetry should have arrived by `nowMs`. Returns its end in ms when that is
   * a new one and a whole window has passed since the first event, else undefined.
   */
  move(nowMs: number): number | undefined {
    const { stepMs, steps } = this.#options
    const end = Math.floor((nowMs - this.lateness.waitMs) / stepMs)
    if (!(end > this.#end)) return undefined
    if (end - this.#end >= steps || this.latency.collapsed) this.#rebuild(end)
    else for (let index = this.#end; index < end; index++) this.#slide(index)
    this.#end = end
    if (this.requests + this.logs === 0) this.arrivalMs = 0
    return this.#first <= end - steps ? end * stepMs : undefined
  }

  /** Takes note of the delay of a batch, after the last of its events. */
  endBatch(arrivalMs: number): void {
    this.lateness.observe(arrivalMs, this.#earliest, this.#latest)
    this.#earliest = Number.POSITIVE_INFINITY
    this.#latest = Number.NEGATIVE_INFINITY
  }

  /** Forgets what it holds: the next event is a first one again. */
  restart(): void {
    this.close()
    this.#first = Number.POSITIVE_INFINITY
    this.#rebuild(this.#end)
  }

  /** Gives the memory back. */
  close(): void {
    for (const step of this.#steps.values()) this.#pool.give(step)
    this.#steps.clear()
    this.#last = undefined
  }

  #fit(eventMs: number, arrivalMs: number): Fit {
    if (eventMs > this.#latest) this.#latest = eventMs
    if (eventMs > arrivalMs + this.#options.maxSkewMs) return Fit.future
    if (eventMs < this.#earliest) this.#earliest = eventMs
    return eventMs >= (this.#end - this.#options.steps) * this.#options.stepMs ? Fit.taken : Fit.late
  }

  #stepAt(eventMs: number, arrivalMs: number): WindowStep | undefined {
    const index = Math.floor(eventMs / this.#options.stepMs)
    let step = this.#last
    if (step === undefined || step.index !== index) {
      step = this.#steps.get(index)
      if (step === undefined) {
        step = this.#pool.take(index)
        if (step === undefined) return undefined
        this.#steps.set(index, step)
        if (index < this.#first) this.#first = index
      }
      this.#last = step
    }
    if (arrivalMs > step.arrivalMs) step.arrivalMs = arrivalMs
    return step
  }

  #slide(index: number): void {
    const entering = this.#steps.get(index)
    if (entering !== undefined) this.#enter(entering)
    const leaving = this.#steps.get(index - this.#options.steps)
    if (leaving === undefined) return
    this.requests -= leaving.requests
    this.failures -= leaving.failures
    this.logs -= leaving.logs
    this.errorLogs -= leaving.errorLogs
    this.latency.subtract(leaving.latency)
    this.templates.subtract(leaving.templates)
    this.#drop(leaving)
  }

  #enter(step: WindowStep): void {
    this.requests += step.requests
    this.failures += step.failures
    this.logs += step.logs
    this.errorLogs += step.errorLogs
    this.latency.merge(step.latency)
    this.templates.merge(step.templates)
    if (step.arrivalMs > this.arrivalMs) this.arrivalMs = step.arrivalMs
  }

  #rebuild(end: number): void {
    this.requests = 0
    this.failures = 0
    this.logs = 0
    this.errorLogs = 0
    this.latency.clear()
    this.templates.clear()
    this.arrivalMs = 0
    for (const step of this.#steps.values()) {
      if (step.index < end - this.#options.steps) this.#drop(step)
      else if (step.index < end) this.#enter(step)
    }
  }

  #drop(step: WindowStep): void {
    this.#steps.delete(step.index)
    if (this.#last === step) this.#last = undefined
    this.#pool.give(step)
  }
}
