import { encodeModel, type Layer, Layers, ModelError } from '@adf/detectors/codec'
import type { OptimiserState } from '../aggregate/optimiser/server-optimiser.ts'
import type { PoisoningState } from '../poisoning/poisoning-detector.ts'
import type { RobustHistory } from '../poisoning/robust-history.ts'

/**
 * What a run remembers between rounds, as model files (docs/formats/federation-state.md): the same state gives the same bytes. Decoding throws a
 * ModelError for anything else.
 */
const OPTIMISER = 'federation_optimiser'
const POISONING = 'federation_poisoning'
const VERSION = 1

export function encodeOptimiser({ steps, moments }: OptimiserState): Uint8Array {
  const layers = new Map<string, Layer>([['steps', { data: Float64Array.of(steps, moments.length) }]])
  for (const [i, data] of moments.entries()) layers.set(`moment.${i}`, { data })
  return encodeModel({ kind: OPTIMISER, version: VERSION, layers })
}

export function decodeOptimiser(bytes: Uint8Array, length: number): OptimiserState {
  const layers = new Layers(bytes, OPTIMISER, VERSION)
  const [steps, moments] = layers.float64('steps', 2)
  return {
    steps: steps!,
    moments: Array.from({ length: moments! }, (_, i) => layers.float64(`moment.${i}`, length)),
  }
}

export function encodePoisoning({
  history,
  courses,
  reconstruction,
  reputations,
}: PoisoningState): Uint8Array {
  const layers = new Map<string, Layer>()
  const put = (name: string, data: Layer['data']) => void layers.set(name, { data })
  put('history', ragged(history.flatMap(({ values, above }) => [values, above])))
  const courseIds = [...courses.keys()].sort()
  const sums = courseIds.map((id) => courses.get(id)!)
  put('course.clients', JSON.stringify(courseIds))
  put('course.rounds', Float64Array.from(sums.flatMap(({ rounds, seen }) => [rounds, seen])))
  put('course.sums', ragged(sums.map(({ sum }) => sum)))
  const { network, rows, errors } = reconstruction
  put('network.shape', Float64Array.of(network.inputs, network.hidden, network.steps))
  put('network.weights', network.weights)
  put('network.first', network.first)
  put('network.second', network.second)
  put('rows', ragged(rows))
  put('errors', ragged([errors.values, errors.above]))
  const ids = [...reputations.keys()].sort()
  put('reputation.clients', JSON.stringify(ids))
  put(
    'reputation.values',
    Float64Array.from(ids.flatMap((id) => [reputations.get(id)!.value, reputations.get(id)!.seen])),
  )
  return encodeModel({ kind: POISONING, version: VERSION, layers })
}

export function decodePoisoning(bytes: Uint8Array): PoisoningState {
  const layers = new Layers(bytes, POISONING, VERSION)
  const history = apart(layers.float64('history'))
  const sums = apart(layers.float64('course.sums'))
  const courseIds = names(layers.text('course.clients'))
  const rounds = layers.float64('course.rounds', 2 * courseIds.length)
  if (sums.length !== courseIds.length) throw new ModelError('corrupt', 'a course for each client')
  const [inputs, hidden, steps] = layers.float64('network.shape', 3)
  const weights = layers.float64('network.weights')
  const ids = names(layers.text('reputation.clients'))
  const values = layers.float64('reputation.values', 2 * ids.length)
  return {
    history: pairs(history),
    courses: new Map(
      courseIds.map((id, i) => [id, { sum: sums[i]!, rounds: rounds[2 * i]!, seen: rounds[2 * i + 1]! }]),
    ),
    reconstruction: {
      network: {
        inputs: inputs!,
        hidden: hidden!,
        steps: steps!,
        weights,
        first: layers.float64('network.first', weights.length),
        second: layers.float64('network.second', weights.length),
      },
      rows: apart(layers.float64('rows')),
      errors: pairs(apart(layers.float64('errors')))[0] ?? { values: [], above: [] },
    },
    reputations: new Map(ids.map((id, i) => [id, { value: values[2 * i]!, seen: values[2 * i + 1]! }])),
  }
}

/** Lists one after the other, each behind its length. */
const ragged = (lists: readonly (readonly number[] | Float64Array)[]): Float64Array =>
  Float64Array.from(lists.flatMap((list) => [list.length, ...list]))

function apart(data: Float64Array): Float64Array[] {
  const lists: Float64Array[] = []
  for (let at = 0; at < data.length; ) {
    const length = data[at]!
    if (!Number.isInteger(length) || length < 0 || at + 1 + length > data.length)
      throw new ModelError('corrupt', `a list of ${length} values at ${at}`)
    lists.push(data.slice(at + 1, at + 1 + length))
    at += 1 + length
  }
  return lists
}

function pairs(lists: readonly Float64Array[]): RobustHistory[] {
  return Array.from({ length: Math.floor(lists.length / 2) }, (_, i) => ({
    values: [...lists[2 * i]!],
    above: [...lists[2 * i + 1]!],
  }))
}

function names(text: string): string[] {
  const parsed: unknown = JSON.parse(text)
  if (!Array.isArray(parsed) || !parsed.every((each) => typeof each === 'string'))
    throw new ModelError('corrupt', 'names of clients')
  return parsed
}
