import { describe, expect, it } from 'vitest'
import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { History } from '../history.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { DynamicPcaDetector, type DynamicPcaOptions } from './dynamic-pca.ts'

const plain = (name: string, direction: Feature['direction'] = 'both'): Feature => ({
  name,
  direction,
  transform: 'linear',
  floor: 1e-6,
})
const OPTIONS = { of: 'value', span: 10, window: 5, variance: 0.9, components: 8, halfLife: 5000 } as const
const make = (names: string[], options: Partial<DynamicPcaOptions> = {}) =>
  new DynamicPcaDetector({ features: names.map((name) => plain(name)), ...OPTIONS, ...options })
const history = (rows: readonly Float64Array[]) => History.of(rows, [...rows.keys()])

// Not monotone: a feature may move towards what its course says of it before it leaves it behind.
for (const of of ['value', 'change'] as const)
  detectorContract(
    `dynamic PCA of ${of}s`,
    () => make(['a', 'b', 'c'], { of }),
    () => make(['a', 'b', 'd'], { of }),
    { monotone: false },
  )
