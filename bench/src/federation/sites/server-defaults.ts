import { Config } from '@adf/federation-server'
import type { Quantisation } from './federate.ts'

const { training, quantisation } = Config.parse({}).federated

/** How the server has sites train when it is told nothing. */
export const defaultTraining = training

/** How it has updates and weights compressed then. */
export const defaultQuantisation: Quantisation = {
  up: (round) => (round <= quantisation.up_first_rounds ? quantisation.up_first : quantisation.up),
  down: quantisation.down,
}
