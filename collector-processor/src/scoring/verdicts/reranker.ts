import type { Anomaly, Contribution, VerdictValue } from '@adf/contract'
import {
  type Classifier,
  type ClassifierJob,
  type ClassifierName,
  createClassifier,
  LabelledSet,
} from '@adf/detectors'
import type { FeatureSpec } from '../vector.ts'
import { deviationsOf } from './deviations.ts'

/** Anomalies kept of each verdict. */
const CAPACITY = 500
const SEED = 1

/**
 * What operators' verdicts say of the anomalies of a stream: how probable it is that one like these is a true one. Learned off the
 * hot path from at least five anomalies of each verdict; all entities of the stream share it.
 */
export class Reranker {
  readonly #name: ClassifierName
  readonly #features: readonly FeatureSpec[]
  readonly #labelled: LabelledSet
  #classifier: Classifier
  #changed = false
  #training = false

  constructor(name: ClassifierName, features: readonly FeatureSpec[]) {
    this.#name = name
    this.#features = features
    const names = features.map((feature) => feature.name)
    this.#labelled = new LabelledSet({ features: names, capacity: CAPACITY, seed: SEED })
    this.#classifier = createClassifier(name, names, SEED)
  }

  get ready(): boolean {
    return this.#classifier.ready
  }

  /** @param verdict null: none any more @param previous the verdict that it replaces */
  judged({ contributions }: Anomaly, verdict: VerdictValue | null, previous: VerdictValue | null): void {
    const vector = deviationsOf(this.#features, contributions)
    if (previous !== null) this.#labelled.withdraw(vector, previous === 'true_positive')
    if (verdict !== null) this.#labelled.add(vector, verdict === 'true_positive')
    this.#changed = true
  }

  /** Probability that an anomaly of these contributions is a true one; NaN while nothing is known. */
  probability(contributions: readonly Contribution[]): number {
    if (!this.#classifier.ready) return Number.NaN
    return this.#classifier.probability(deviationsOf(this.#features, contributions))
  }

  /** The fit that is due, if any; `finish` must follow. */
  due(): ClassifierJob | undefined {
    if (!this.#changed || this.#training) return undefined
    this.#changed = false
    this.#training = true
    const { features, anomalous, normal } = this.#labelled
    return { kind: 'classifier', classifier: this.#name, features, anomalous, normal, seed: SEED }
  }

  /** @param model undefined: the job was lost, and is asked for again with the next verdict */
  finish(model: Uint8Array | undefined): void {
    this.#training = false
    if (model === undefined) {
      this.#changed = true
      return
    }
    const classifier = createClassifier(this.#name, this.#labelled.features, SEED)
    classifier.load(model)
    this.#classifier = classifier
  }
}
