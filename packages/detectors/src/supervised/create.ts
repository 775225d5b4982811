import type { Feature } from '../feature.ts'
import type { Classifier } from './classifier.ts'
import type { Labelled } from './labelled-set.ts'
import { LinearSvm } from './linear-svm.ts'
import { RandomForest } from './random-forest.ts'

export const CLASSIFIER_NAMES = ['random-forest', 'linear-svm'] as const
export type ClassifierName = (typeof CLASSIFIER_NAMES)[number]

/** Fit a classifier to what has verdicts; plain data, that can be sent to a worker. */
export interface ClassifierJob extends Labelled {
  readonly kind: 'classifier'
  readonly classifier: ClassifierName
  readonly features: readonly string[]
  readonly seed: number
}

/** Of features that have a scale of their own already. */
export function createClassifier(name: ClassifierName, names: readonly string[], seed: number): Classifier {
  const features = names.map(plain)
  return name === 'random-forest' ? new RandomForest({ features, seed }) : new LinearSvm({ features, seed })
}

/** Pure: the same job gives the same model file. */
export function fitClassifier({ classifier: name, features, seed, ...labelled }: ClassifierJob): Uint8Array {
  const classifier = createClassifier(name, features, seed)
  classifier.fit(labelled)
  return classifier.save()
}

const plain = (name: string): Feature => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 })
