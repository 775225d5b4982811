import type { EvidenceKind, Ranking } from '@adf/contract'
import {
  type Clues,
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
  /** Kinds of evidence that do not count. */
  readonly without?: ReadonlySet<EvidenceKind> | undefined
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

  /** What is known at a time: what a ranking asks for. */
  clues({
    atMs,
    windowMs,
    historyEndMs,
  }: Pick<RankingQuestion, 'atMs' | 'windowMs' | 'historyEndMs'>): Clues {
    const fromMs = atMs - windowMs
    const samples = [...this.#samples, ...this.#logs.samples()]
    const { graph } = this.graph
    return {
      evidence: graph.evidence(fromMs, atMs),
      metrics: samplesAsEvidence(samples, { fromMs, atMs, historyEndMs: historyEndMs ?? fromMs }),
      hosts: [],
      logs: this.#logs.evidence(fromMs, atMs, (service) => graph.requestsBySlot(service)),
    }
  }

  /** The ranking, and how it came about. */
  explain(question: RankingQuestion): { ranking: Ranking; reasoning: Reasoning } {
    const { atMs, top, rng, without = new Set() } = question
    const clues = { ...this.clues(question), without }
    const reasoning = reasonAbout(clues)
    return { ranking: rankingOf(reasoning, { ...clues, at: atMs, top, rng }), reasoning }
  }
}
