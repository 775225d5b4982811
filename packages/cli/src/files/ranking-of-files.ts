import type { Ranking } from '@adf/contract'
import {
  type PlainLog,
  type Reasoning,
  rankingOf,
  reasonAbout,
  type Sample,
  samplesAsEvidence,
} from '@adf/processor'
import { FILE_GRAPH, FileGraph } from './graph-of-spans.ts'
import { FileLogs } from './logs-of-files.ts'
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
  readonly #samples: Sample[] = []
  readonly #logs = new FileLogs(FILE_GRAPH)
  readonly graph = new FileGraph({}, (batch, clockMs) => this.#logs.spans(batch, clockMs))

  addSpans(spans: readonly FileSpan[]): void {
    this.graph.add(spans)
  }

  addSamples(samples: readonly Sample[]): void {
    for (const sample of samples) this.#samples.push(sample)
  }

  addLogs(records: readonly PlainLog[]): void {
    this.#logs.add(records)
  }

  rank(question: RankingQuestion): Ranking {
    return this.explain(question).ranking
  }

  /** The ranking, and how it came about. */
  explain({ atMs, windowMs, historyEndMs, top, rng }: RankingQuestion): {
    ranking: Ranking
    reasoning: Reasoning
  } {
    const fromMs = atMs - windowMs
    const samples = [...this.#samples, ...this.#logs.samples()]
    const { graph } = this.graph
    const evidence = graph.evidence(fromMs, atMs)
    const reasoning = reasonAbout({
      evidence,
      metrics: samplesAsEvidence(samples, { fromMs, atMs, historyEndMs: historyEndMs ?? fromMs }),
      hosts: [],
      logs: this.#logs.evidence(fromMs, atMs, (service) => graph.requestsBySlot(service)),
    })
    return { ranking: rankingOf(reasoning, { at: atMs, evidence, top, rng }), reasoning }
  }
}
