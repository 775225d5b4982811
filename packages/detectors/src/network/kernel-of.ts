import { AutoencoderKernel } from './autoencoder.ts'
import type { Kernel } from './kernel.ts'
import { LstmKernel } from './lstm.ts'
import { TcnKernel } from './tcn.ts'
import type { Weights } from './weights.ts'

const kernels = new WeakMap<Weights, Kernel>()

/** The kernel of these weights: made once, and shared. */
export function kernelOf(weights: Weights): Kernel {
  let kernel = kernels.get(weights)
  if (kernel === undefined) {
    kernel = makeKernel(weights)
    kernels.set(weights, kernel)
  }
  return kernel
}

function makeKernel({ network, values }: Weights): Kernel {
  switch (network.kind) {
    case 'autoencoder':
      return new AutoencoderKernel(network, values)
    case 'lstm':
      return new LstmKernel(network, values)
    case 'tcn':
      return new TcnKernel(network, values)
  }
}
