import { type DetectorSpec, type Feature, type History, OnlineDetector, plainFeatures } from '@adf/detectors'
import type { Scored } from '../exchange/folder.ts'
import type { Subject } from './subject.ts'

/**
 * One of our detectors as `adf score` runs it, nothing set: calibrated scores, the threshold of the default alert budget,
 * learning from what is not flagged.
 */
export function detectorSubject(name: string, specOf: (features: Feature[]) => DetectorSpec): Subject {
  return { name, score: (train, test) => online(specOf(featuresOf(train)), train, test) }
}

/** Nothing is known of the columns of a data set but their numbers. */
function featuresOf(train: History): Feature[] {
  const names = Array.from({ length: train.width }, (_, i) => `column_${i}`)
  return plainFeatures(names, train)
}

function online(spec: DetectorSpec, train: History, test: History): Scored {
  const detector = new OnlineDetector({ detector: spec })
  detector.train(train)
  const scores = new Float64Array(test.count)
  const thresholds = new Float64Array(test.count)
  const flags = new Uint8Array(test.count)
  for (let i = 0; i < test.count; i++) {
    const { severity, threshold, isAnomaly } = detector.detect(test.row(i), test.timesMs[i]!)
    // Not cut at 1, where all that is one in a million would be alike.
    scores[i] = severity
    thresholds[i] = threshold
    flags[i] = isAnomaly ? 1 : 0
  }
  return { scores, thresholds, flags }
}
