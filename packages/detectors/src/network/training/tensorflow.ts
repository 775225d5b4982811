import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-wasm'
// Brings the gradients, which the core has without registering them.
import '@tensorflow/tfjs-layers'

/** What trains: `tensorflow` is the native library, `wasm` runs everywhere. */
export type TrainingBackend = 'tensorflow' | 'wasm'

/** A variable, so that neither the type checker nor a bundler looks for what is optional. */
const NATIVE: string = '@tensorflow/tfjs-node'

let chosen: Promise<TrainingBackend> | undefined

/** Makes TensorFlow.js ready, once per thread: natively where @tensorflow/tfjs-node is installed and loads, else on WebAssembly. */
export function startTensorFlow(): Promise<TrainingBackend> {
  chosen ??= choose()
  return chosen
}

async function choose(): Promise<TrainingBackend> {
  if (await loads(NATIVE)) {
    if (await tf.setBackend('tensorflow')) return 'tensorflow'
  }
  if (await tf.setBackend('wasm')) return 'wasm'
  throw new Error('TensorFlow.js has no backend that runs here')
}

/** Its native library may be there and yet fail to load: then it is as good as absent. */
async function loads(name: string): Promise<boolean> {
  try {
    await import(name)
    return tf.findBackendFactory('tensorflow') !== undefined
  } catch {
    return false
  }
}
