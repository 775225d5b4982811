import { DETECTOR_NAMES, defaultSpec, isDetectorName } from '@adf/detectors'
import { detectorSubject } from './detector-subject.ts'
import type { Subject } from './subject.ts'

/** As `adf score`. */
const HALF_LIFE = 5000
const SEED = 1
/** What runs when nothing is configured. */
const DEFAULT = 'ensemble'

/** Every detector that needs nothing but the columns, our default first and named `adf`. */
export const subjects: readonly Subject[] = [DEFAULT, ...DETECTOR_NAMES.filter((name) => name !== DEFAULT)]
  .filter(isDetectorName)
  .map((name) =>
    detectorSubject(name === DEFAULT ? 'adf' : name, (features) =>
      defaultSpec(name, { features, halfLife: HALF_LIFE, seed: SEED }),
    ),
  )
