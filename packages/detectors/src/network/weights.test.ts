import { describe, expect, it } from 'vitest'
import { ModelError } from '../codec/model-error.ts'
import { initialWeights } from './initial.ts'
import { type NetworkSpec, networkSpec, specText, weightCount, weightLayers } from './spec.ts'
import { decodeWeights, encodeWeights, makeWeights } from './weights.ts'

const small: NetworkSpec = { kind: 'lstm', inputs: 3, hidden: 5, layers: 2 }

describe('the layer table', () => {
  it('has 55,121 weights for an LSTM of 64 × 2 over 17 features', () => {
    expect(weightCount(networkSpec('lstm', 17))).toBe(55_121)
  })

  it.each(['lstm', 'tcn', 'autoencoder'] as const)('covers the buffer of a %s without gaps', (kind) => {
    let offset = 0
    for (const layer of weightLayers(networkSpec(kind, 17))) {
      expect(layer.offset).toBe(offset)
      expect(layer.shape.reduce((a, b) => a * b)).toBe(layer.length)
      offset += layer.length
    }
    expect(offset).toBe(weightCount(networkSpec(kind, 17)))
  })

  it.each<NetworkSpec>([
    { kind: 'lstm', inputs: 0, hidden: 5, layers: 2 },
    { kind: 'lstm', inputs: 3, hidden: 1e9, layers: 2 },
    { kind: 'lstm', inputs: 3, hidden: 5, layers: 0 },
    { kind: 'tcn', inputs: 3, channels: 4, kernel: 1.5, dilations: [1] },
    { kind: 'tcn', inputs: 3, channels: 4, kernel: 3, dilations: [] },
    { kind: 'autoencoder', inputs: 3, hidden: [Number.NaN] },
  ])('refuses sizes that no network has: %j', (spec) => {
    expect(() => weightLayers(spec)).toThrow(RangeError)
  })
})

describe('weights', () => {
  it('come back from their file as they were', () => {
    const weights = makeWeights(small, initialWeights(small, 1).values, 12)
    expect(decodeWeights(encodeWeights(weights), small)).toEqual(weights)
  })

  it('are told apart by a hash of shape and values, not of the version', () => {
    const { hash, values } = initialWeights(small, 1)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(makeWeights({ layers: 2, hidden: 5, inputs: 3, kind: 'lstm' }, values, 5).hash).toBe(hash)
    expect(makeWeights(small, values.with(17, values[17]! + 1e-6), 0).hash).not.toBe(hash)
    // The same number of weights, another shape.
    const wide: NetworkSpec = { kind: 'autoencoder', inputs: 4, hidden: [3, 2, 3] }
    const narrow: NetworkSpec = { kind: 'autoencoder', inputs: 4, hidden: [2, 5, 2] }
    const flat = (spec: NetworkSpec) => makeWeights(spec, new Float32Array(weightCount(spec)), 0)
    expect(flat(wide).hash).not.toBe(flat(narrow).hash)
  })

  it('are a copy', () => {
    const values = new Float32Array(weightCount(small))
    const weights = makeWeights(small, values, 0)
    values.fill(3)
    expect(weights.values.every((value) => value === 0)).toBe(true)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('are refused with %d among them', (bad) => {
    expect(() => makeWeights(small, initialWeights(small, 1).values.with(9, bad), 0)).toThrow(/finite/)
  })

  it('are refused when there are too many or too few', () => {
    expect(() => makeWeights(small, new Float32Array(10), 0)).toThrow(/has 418 weights, got 10/)
  })

  it('of another network are foreign', () => {
    const bytes = encodeWeights(initialWeights(small, 1))
    expect(() => decodeWeights(bytes, { ...small, hidden: 6 })).toThrow(
      expect.objectContaining({ code: 'foreign' }),
    )
    expect(() => decodeWeights(bytes.with(200, bytes[200]! ^ 1), small)).toThrow(ModelError)
  })
})

describe('initial weights', () => {
  // Federated clients of any machine and version begin with these: a change of this hash breaks them.
  it('are the same bits for the same seed, for ever', () => {
    expect(initialWeights(networkSpec('lstm', 17), 42).hash).toBe(
      'f7171cdef25f1ffa0636772c26618bac83ee17255819eb9bb939502518498808',
    )
  })

  it('differ with the seed', () => {
    expect(initialWeights(small, 1).hash).not.toBe(initialWeights(small, 2).hash)
  })

  it('have the forget gates open and the other biases 0', () => {
    const { values } = initialWeights(small, 1)
    const bias = weightLayers(small).find(({ name }) => name === 'lstm.1.bias')!
    expect([...values.subarray(bias.offset, bias.offset + bias.length)]).toEqual(
      [0, 1, 0, 0].flatMap((value) => new Array<number>(5).fill(value)),
    )
  })

  it('are as wide as the sizes of their layer ask for', () => {
    const spec = networkSpec('lstm', 17)
    const { values } = initialWeights(spec, 1)
    for (const { name, offset, length } of weightLayers(spec)) {
      if (!name.endsWith('recurrent')) continue
      const drawn = values.subarray(offset, offset + length)
      const variance = drawn.reduce((sum, value) => sum + value * value, 0) / length
      expect(variance * 64).toBeCloseTo(1, 1)
    }
  })
})

it('writes one text per shape', () => {
  expect(specText(small)).toBe('{"kind":"lstm","inputs":3,"hidden":5,"layers":2}')
})
