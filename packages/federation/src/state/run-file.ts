import { FederatedModel } from '@adf/contract/federation'
import { encodeModel, type Layer, Layers, ModelError } from '@adf/detectors'
import { z } from 'zod'
import { modelSize } from '../model/federated-model.ts'
import type { PendingUpdate, RunMemory } from './client-state.ts'

const KIND = 'federation_run'
const VERSION = 1

const Pending = z.strictObject({
  round: z.int().min(1),
  base: z.int().min(0),
  samples: z.int().min(1),
  loss: z.number().min(0).optional(),
})
const Head = z.strictObject({
  model: FederatedModel,
  version: z.int().min(0),
  pending: Pending.optional(),
  secureRound: z.int().min(1).optional(),
})

/** A run's memory as a model file (docs/formats/model.md), whose checksum tells a damaged one. */
export function encodeRun({
  model,
  version,
  weights,
  residual,
  pending,
  secureRound,
}: RunMemory): Uint8Array {
  const head: z.infer<typeof Head> = { model, version, pending: pending && aboutOf(pending), secureRound }
  const layers = new Map<string, Layer>([
    ['head', { data: JSON.stringify(head) }],
    ['weights', { data: weights }],
    ['residual', { data: residual }],
  ])
  if (pending !== undefined) {
    layers.set('pending.update', { data: pending.bytes })
    layers.set('pending.residual', { data: pending.residual })
  }
  return encodeModel({ kind: KIND, version: VERSION, layers })
}

/** @throws ModelError when the bytes are not exactly one sound memory of a run */
export function decodeRun(file: Uint8Array): RunMemory {
  const layers = new Layers(file, KIND, VERSION)
  const { model, version, pending, secureRound } = readHead(layers.text('head'))
  const count = modelSize(model)
  return {
    model,
    version,
    weights: finite(layers, 'weights', count),
    residual: finite(layers, 'residual', count),
    ...(secureRound !== undefined && { secureRound }),
    pending: pending && {
      round: pending.round,
      base: pending.base,
      samples: pending.samples,
      loss: pending.loss,
      bytes: layers.bytes('pending.update'),
      residual: finite(layers, 'pending.residual', count),
    },
  }
}

const aboutOf = ({ round, base, samples, loss }: PendingUpdate): z.infer<typeof Pending> => ({
  round,
  base,
  samples,
  loss,
})

function readHead(text: string): z.infer<typeof Head> {
  try {
    const head = Head.parse(JSON.parse(text))
    modelSize(head.model)
    return head
  } catch (error) {
    throw new ModelError('corrupt', `head: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function finite(layers: Layers, name: string, count: number): Float32Array {
  const values = layers.float32(name, count)
  if (!values.every(Number.isFinite)) throw new ModelError('corrupt', `${name} is not finite`)
  return values
}
