import {
  anomalyType,
  type Course,
  type DetectorSpec,
  familyOf,
  follow,
  type History,
  OnlineDetector,
} from '@adf/detectors'
import type { RowJudge, Verdict } from './row-judge.ts'

/** One detector by itself. */
export class Single implements RowJudge {
  readonly #detector: OnlineDetector
  readonly #family: ReturnType<typeof familyOf>
  #course: Course | undefined

  constructor(detector: DetectorSpec, alertsPerDay: number) {
    this.#detector = new OnlineDetector({ detector, alertsPerDay })
    this.#family = familyOf(detector.kind)
  }

  get threshold(): number {
    return this.#detector.threshold
  }

  train(history: History): void {
    this.#detector.train(history)
  }

  judge(vector: Float64Array, timeMs: number): Verdict {
    const { severity, threshold, isAnomaly, explanation } = this.#detector.detect(vector, timeMs)
    const sight = { marginal: 0, contextual: 0, collective: 0, [this.#family]: severity }
    this.#course = isAnomaly ? follow(this.#course, sight, threshold) : undefined
    return {
      severity,
      isAnomaly,
      type: this.#course && anomalyType(this.#course),
      feature: explanation?.parts.indexOf(Math.max(...explanation.parts)),
    }
  }
}
