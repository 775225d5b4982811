import {
  History,
  makeWeights,
  type NetworkSpec,
  networkLoss,
  type Rng,
  standardised,
  weightLayers,
} from '@adf/detectors'
import { TrainingDiverged, trainNetwork } from '@adf/detectors/training'
import { localRound } from '@adf/federation/round'
import type { RoundOutcome, TrainingJob, TrainingResult } from './training-job.ts'

export interface TrainingPorts {
  /** Of the noise of a private round. */
  readonly rng: Rng
  readonly rest: () => Promise<void>
}

/** For the last layer alone: few weights, which a few passes fit. */
const PERSONAL = { epochs: 2, batchSize: 8, learningRate: 0.003 }

/** The round, if one is asked for, and how good the global weights are here. Sequential: one network at a time fits the budget. */
export async function trainForRound(
  job: TrainingJob,
  { rng, rest }: TrainingPorts,
): Promise<Omit<TrainingResult, 'cpuMs'>> {
  const { network, own, seed } = job
  const inSteps = (runs: readonly Float64Array[]) => runs.map((run) => standardisedRun(job, run))
  const [train, heldOut] = [inSteps(job.training), inSteps(job.heldOut)]
  const lossOf = (values: Float32Array) => networkLoss(makeWeights(network, values, 0), heldOut)
  const outcome =
    job.round &&
    (await localRound({ network, base: job.global, train, heldOut, seed, rng, rest, ...job.round }))
  const global = lossOf(job.global)
  const personal = job.personalise && train.length > 0 ? await personalised(job, train, rest) : undefined
  const personalLoss = personal === undefined ? Number.NaN : lossOf(personal)
  return {
    round: outcome && shown(outcome),
    // Without data held out nothing says that it is any better.
    personal: personalLoss <= global ? personal : undefined,
    losses: { global, personal: personalLoss, own: own === undefined ? Number.NaN : lossOf(own) },
  }
}

const standardisedRun = ({ features }: TrainingJob, run: Float64Array): Float32Array =>
  standardised(features, new History(features.length, run, new Float64Array(run.length / features.length)))

/** The last layer is fitted to this site, on top of what all have learned together (M. G. Arivazhagan et al., FedPer, 2019). */
async function personalised(
  { network, global, seed }: TrainingJob,
  train: readonly Float32Array[],
  rest: () => Promise<void>,
): Promise<Float32Array | undefined> {
  const plan = {
    ...PERSONAL,
    seed,
    initial: makeWeights(network, global, 0),
    layers: lastLayer(network),
    rest,
  }
  try {
    return (await trainNetwork(network, train, plan)).values
  } catch (error) {
    if (error instanceof TrainingDiverged) return undefined
    throw error
  }
}

/** Kernel and bias of the layer that gives the output. */
const lastLayer = (network: NetworkSpec): string[] =>
  weightLayers(network)
    .slice(-2)
    .map(({ name }) => name)

function shown(outcome: Awaited<ReturnType<typeof localRound>>): RoundOutcome {
  if (outcome.kind === 'nothing') return outcome
  const { kind, update, samples, loss } = outcome
  return { kind, update, samples, loss }
}
