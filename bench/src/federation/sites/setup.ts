import type { LstmSpec } from '@adf/detectors'

/** The stream that the machines are, and the run that trains its network. */
export const STREAM = 'machines'
export const RUN = 'machines-lstm'
/** Field of an event that names the machine. */
export const ENTITY = 'machine'

/** The network that a processor has by default. */
export const networkOf = (inputs: number): LstmSpec => ({ kind: 'lstm', inputs, hidden: 64, layers: 2 })
/** Of the weights that a run begins with; the server's default. */
export const FIRST_SEED = 1

/** A processor that scores such machines. Fed faster than time, an incident would never resolve: there are none. */
export const siteConfig = (features: readonly string[]) => ({
  edge: { detection: { detectors: ['robust', 'lstm'], initial_threshold: 1 } },
  incident: { open_after: 1_000_000 },
  streams: {
    // The data are in per cent of each column's range.
    [STREAM]: {
      entity: ENTITY,
      features: Object.fromEntries(features.map((name) => [name, { unit: '%' }])),
    },
  },
})
