import { detectorContract } from '../detector.contract.ts'
import type { Feature } from '../feature.ts'
import { NoveltyDetector } from './novelty.ts'

const plain = (name: string): Feature => ({ name, direction: 'both', transform: 'linear', floor: 1e-6 })
const make = (names: string[]) => new NoveltyDetector({ features: names.map(plain), memory: 512 })

detectorContract(
  'novelty',
  () => make(['a', 'b', 'c']),
  () => make(['a', 'b', 'd']),
  { monotone: false },
)
