import type { ClientPrivacy } from '@adf/contract/federation'
import { epsilonOf } from '@adf/federation/privacy'
import type { Quantisation } from '../sites/federate.ts'
import { defaultQuantisation } from '../sites/server-defaults.ts'

/** How updates leave the sites. */
export interface Setting {
  readonly name: string
  readonly quantisation: Quantisation | undefined
  readonly privacy: ClientPrivacy | undefined
}

/** About the norm of an update of one round. */
const CLIP_NORM = 1
const NOISE = [0.001, 0.003, 0.01, 0.1, 1]
const DELTA = 1e-5

export const settings: readonly Setting[] = [
  { name: 'fp32', quantisation: undefined, privacy: undefined },
  { name: 'quantised', quantisation: defaultQuantisation, privacy: undefined },
  ...NOISE.map((noise) => ({
    name: `dp-${noise}`,
    quantisation: defaultQuantisation,
    privacy: { clip_norm: CLIP_NORM, noise_multiplier: noise },
  })),
]

/** ε of what each site has sent; infinite without noise. */
export const epsilonAfter = ({ privacy }: Setting, rounds: number): number =>
  privacy === undefined
    ? Number.POSITIVE_INFINITY
    : epsilonOf({ samplingRate: 1, noiseMultiplier: privacy.noise_multiplier }, rounds, DELTA)
