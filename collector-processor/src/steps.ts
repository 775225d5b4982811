import type { Component, Logger } from '@adf/service'
import type { Pipeline } from './pipeline.ts'
import type { Clock } from './telemetry/clock.ts'

export interface Steps extends Component {
  /** Ends all steps up to this time, one after the other. */
  reach(nowMs: number): void
  /** Up to when steps have ended. */
  readonly reachedMs: number
}

/** Of a step at a time, ms: requests and answers come in between. */
const SLICE_MS = 5

/** Of what has no pieces. */
export const atOnce = (advance: (nowMs: number) => void): Pick<Pipeline, 'advancing'> => ({
  *advancing(nowMs) {
    advance(nowMs)
    yield undefined
  },
})

/** More at once than a backlog may hold: a clock that was set forward is followed in one step. */
const MOST = 36_000

/**
 * Lets the pipeline go on once per step of `clock`: by a timer, and by whoever hands in telemetry of a past time, before it does. A fault in one
 * step is logged and does not stop the next. A step of the timer is made in slices, and ended at once when another one begins.
 */
export function createSteps(options: {
  readonly pipeline: Pick<Pipeline, 'advancing'>
  readonly stepMs: number
  readonly clock: Clock
  /** None is left out when the clock makes a leap, as it does after a backlog. */
  readonly each: boolean
  readonly log: Pick<Logger, 'error'>
}): Steps {
  const { pipeline, stepMs, clock, each, log } = options
  let timer: NodeJS.Timeout | undefined
  let reachedMs = Number.NEGATIVE_INFINITY
  let under: Generator<undefined, void> | undefined
  const goOn = (untilMs: number) => {
    try {
      while (under !== undefined) {
        if (under.next().done === true) under = undefined
        else if (performance.now() >= untilMs) return
      }
    } catch (error) {
      under = undefined
      log.error({ err: error }, 'a step failed')
    }
  }
  const end = () => goOn(Number.POSITIVE_INFINITY)
  const begin = (nowMs: number) => {
    end()
    reachedMs = nowMs
    under = pipeline.advancing(nowMs)
  }
  const advance = (nowMs: number) => {
    begin(nowMs)
    end()
  }
  const slice = () => {
    goOn(performance.now() + SLICE_MS)
    if (under !== undefined) setImmediate(slice)
  }
  const reach = (nowMs: number) => {
    if (nowMs - reachedMs > MOST * stepMs) advance(nowMs)
    while (nowMs - reachedMs >= 2 * stepMs) advance(reachedMs + stepMs)
    if (nowMs - reachedMs >= stepMs) advance(nowMs)
  }
  return {
    name: 'steps',
    reach,
    get reachedMs() {
      return reachedMs
    },
    async start() {
      timer = setInterval(() => {
        const nowMs = clock()
        if (each) reach(nowMs - stepMs)
        const idle = under === undefined
        begin(nowMs)
        // One chain of slices: that of the last step goes on with this one.
        if (idle) slice()
      }, stepMs)
    },
    async stop() {
      clearInterval(timer)
      end()
    },
  }
}
