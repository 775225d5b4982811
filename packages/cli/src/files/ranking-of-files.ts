import type { Ranking } from '@adf/contract'
import { rankRootCauses, type Sample, samplesAsEvidence } from '@adf/processor'
import { FileGraph } from './graph-of-spans.ts'
import type { FileSpan } from './spans.ts'

export interface RankingQuestion {
  /** End of the judged window, ms since the epoch; nothing later is looked at. */
  readonly atMs: number
  readonly windowMs: number
  /** End of what counts as normal; the start of the window unless told. */
  readonly historyEndMs?: number | undefined
  readonly top: number
  readonly rng: () => number
}

/** Telemetry from files, in the order of time, and rankings of what it has so far. */
export class FileTelemetry {
  readonly graph = new FileGraph()
  readonly #samples: Sample[] = []

  addSpans(spans: readonly FileSpan[]): void {
    this.graph.add(spans)
  }

  addSamples(samples: readonly Sample[]): void {
    for (const sample of samples) this.#samples.push(sample)
  }

  rank({ atMs, windowMs, historyEndMs, top, rng }: RankingQuestion): Ranking {
    const fromMs = atMs - windowMs
    return rankRootCauses({
      at: atMs,
      evidence: this.graph.graph.evidence(fromMs, atMs),
      metrics: samplesAsEvidence(this.#samples, { fromMs, atMs, historyEndMs: historyEndMs ?? fromMs }),
      hosts: [],
      logs: [],
      top,
      rng,
    })
  }
}
