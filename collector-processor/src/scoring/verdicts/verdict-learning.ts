import type { Anomaly, VerdictValue } from '@adf/contract'
import type { ScoringMetrics } from '../metrics.ts'
import type { Trainer } from '../training/trainer.ts'
import type { Reranker } from './reranker.ts'

/** Anomalies with a verdict that a start looks at, and at most those of a stream that wait. */
export const JUDGED = 1000

/** Brings operators' verdicts to the reranker of their stream, and has it trained off the hot path. */
export class VerdictLearning {
  readonly #trainer: Trainer
  readonly #metrics: ScoringMetrics
  /** By stream, until it has a reranker to learn them. */
  readonly #waiting = new Map<string, readonly Anomaly[]>()

  constructor(trainer: Trainer, metrics: ScoringMetrics) {
    this.#trainer = trainer
    this.#metrics = metrics
  }

  /** Of a stream without vectors yet: its detectors are made with the first. */
  wait(anomaly: Anomaly): void {
    const waiting = (this.#waiting.get(anomaly.stream) ?? []).filter(({ id }) => id !== anomaly.id)
    if (anomaly.verdict !== null && waiting.length < JUDGED) waiting.push(anomaly)
    this.#waiting.set(anomaly.stream, waiting)
  }

  /** Gives a stream's reranker what has waited for it. */
  begin(stream: string, reranker: Reranker | undefined): void {
    for (const anomaly of this.#waiting.get(stream) ?? [])
      if (anomaly.verdict !== null) reranker?.judged(anomaly, anomaly.verdict, null)
    this.#waiting.delete(stream)
    if (reranker !== undefined) this.#train(reranker)
  }

  /** @param previous the word that it replaces */
  judged(
    anomaly: Anomaly,
    verdict: VerdictValue | null,
    previous: VerdictValue | null,
    reranker: Reranker | undefined,
  ): void {
    if (reranker === undefined) {
      this.wait({ ...anomaly, verdict })
      return
    }
    reranker.judged(anomaly, verdict, previous)
    this.#train(reranker)
  }

  #train(reranker: Reranker): void {
    const job = reranker.due()
    if (job === undefined) return
    this.#trainer.classify(job, (model) => {
      this.#metrics.jobs.inc({ kind: job.kind, outcome: model === undefined ? 'lost' : 'done' })
      reranker.finish(model)
      // Verdicts that came meanwhile.
      if (model !== undefined) this.#train(reranker)
    })
  }
}
