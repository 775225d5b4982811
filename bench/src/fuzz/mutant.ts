import type { Rng } from '@adf/detectors'
import { encodeJsonRequest, JsonError } from '@adf/processor'
import { mutatedJson } from './json-mutation.ts'
import { MUTATIONS, mutated } from './mutation.ts'
import type { Recording, Signal } from './recordings.ts'

/** A request that no sender should make. */
export interface Mutant {
  readonly signal: Signal
  readonly encoding: 'protobuf' | 'json'
  readonly bytes: Uint8Array
}

/** One of the recordings changed: its bytes, its values as JSON, or, as protobuf, the values that JSON can be written from. */
export function mutant(recordings: readonly Recording[], rng: Rng): Mutant {
  const pick = () => recordings[Math.floor(rng() * recordings.length)]!
  const { signal, json, protobuf } = pick()
  const how = rng()
  const mutation = MUTATIONS[Math.floor(rng() * MUTATIONS.length)]!
  if (how < 0.45)
    return { signal, encoding: 'protobuf', bytes: mutated(protobuf, pick().protobuf, mutation, rng) }
  const changed = mutatedJson(json, rng)
  if (how < 0.7) {
    const bytes = asProtobuf(signal, changed)
    if (bytes !== undefined) return { signal, encoding: 'protobuf', bytes }
  }
  const text = Buffer.from(JSON.stringify(changed))
  if (how < 0.9) return { signal, encoding: 'json', bytes: text }
  return { signal, encoding: 'json', bytes: mutated(text, pick().protobuf, mutation, rng) }
}

/** undefined: it cannot be written so. */
function asProtobuf(signal: Signal, json: unknown): Uint8Array | undefined {
  try {
    return encodeJsonRequest(signal, json)
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
