import { crc32 } from 'node:zlib'
import type { Layers } from './layers.ts'
import type { Layer } from './model.ts'
import { ModelError } from './model-error.ts'

const NAME = 'options'
/** Detectors of a stream share their options, and are saved often. */
const known = new WeakMap<object, number>()

/** The layer by which a model is known to be of the same options: their checksum, since with the features they are longer than many a model. */
export const optionsLayer = (options: object): [string, Layer] => [
  NAME,
  { data: Uint32Array.of(checksum(options)) },
]

/** Refuses a model that was made for other features or options. @throws ModelError */
export function sameOptions(layers: Layers, options: object): void {
  if (layers.uint32(NAME, 1)[0] !== checksum(options))
    throw new ModelError('foreign', 'made with other options, or for other features')
}

function checksum(options: object): number {
  let sum = known.get(options)
  if (sum === undefined) {
    // A detector may be made of its options alone, or of a spec that also says its kind.
    sum = crc32(JSON.stringify({ ...options, kind: undefined }))
    known.set(options, sum)
  }
  return sum
}
