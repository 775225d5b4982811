import type { Component, Logger } from '@adf/service'
import type { Pipeline } from './pipeline.ts'
import type { Clock } from './telemetry/clock.ts'

export interface Steps extends Component {
  /** Ends all steps up to this time, one after the other. */
  reach(nowMs: number): void
  /** Up to when steps have ended. */
  readonly reachedMs: number
}

/** More at once than a backlog may hold: a clock that was set forward is followed in one step. */
const MOST = 36_000

/**
 * Lets the pipeline go on once per step of `clock`: by a timer, and by whoever hands in telemetry of a past time, before it does. A fault in one
 * step is logged and does not stop the next.
 */
export function createSteps(options: {
  readonly pipeline: Pick<Pipeline, 'advance'>
  readonly stepMs: number
  readonly clock: Clock
  /** None is left out when the clock makes a leap, as it does after a backlog. */
  readonly each: boolean
  readonly log: Pick<Logger, 'error'>
}): Steps {
  const { pipeline, stepMs, clock, each, log } = options
  let timer: NodeJS.Timeout | undefined
  let reachedMs = Number.NEGATIVE_INFINITY
  const advance = (nowMs: number) => {
    reachedMs = nowMs
    try {
      pipeline.advance(nowMs)
    } catch (error) {
      log.error({ err: error }, 'a step failed')
    }
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
        advance(nowMs)
      }, stepMs)
    },
    async stop() {
      clearInterval(timer)
    },
  }
}
