import { readUpdate, SCALE_BLOCK } from '@adf/detectors/update'
import type { Measured } from '../poisoning/inspection.ts'
import type { PoisoningDetector } from '../poisoning/poisoning-detector.ts'
import { pack } from '../vector/packed.ts'
import { norm, type Values } from '../vector/vector.ts'

/**
 * What is kept of an update from the door to the end of its round: all that it is judged by was worked out once, when it came. Plain
 * data over shared memory: threads hand it on without a copy.
 */
export interface Reading {
  readonly values: Values
  readonly norm: number
  /** undefined: nothing looks for poisoned updates. */
  readonly measured: Measured | undefined
}

/** @param count weights of the model @throws UpdateError */
export function readUpdateOf(
  body: Uint8Array,
  count: number,
  detector: PoisoningDetector | undefined,
): Reading {
  const content = readUpdate(body, count)
  const values =
    content.kind === 'dense' ? kept(content.values) : pack(content.symbols, content.scales, SCALE_BLOCK)
  return { values, norm: norm(values), measured: detector?.measure(values) }
}

/** Bytes that it takes. */
export function bytesOf({ values, measured }: Reading): number {
  const own = 'kind' in values ? values.nibbles.byteLength + values.scales.byteLength : values.byteLength
  return own + (measured === undefined ? 0 : measured.sizes.byteLength + measured.sketch.byteLength)
}

function kept(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength))
  copy.set(values)
  return copy
}
