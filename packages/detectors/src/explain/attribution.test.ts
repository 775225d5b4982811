import { expect, it } from 'vitest'
import { partsOf } from './attribution.ts'

it.each([
  ['takes what raises the output', [3, -10, 1], [0.75, 0, 0.25]],
  ['takes all where nothing raises it', [-3, 0, -1], [0.75, 0, 0.25]],
  ['shares alike where nothing does anything', [0, 0], [0.5, 0.5]],
  ['does not overflow', [1.5e308, 1.5e308, -1], [0.5, 0.5, 0]],
])('partsOf %s', (_, values, parts) => expect([...partsOf(Float64Array.from(values))]).toEqual(parts))
