import type { Rng } from '@adf/detectors'
import { Projection } from '../vector/projection.ts'
import type { Values } from '../vector/vector.ts'
import {
  type Finding,
  HELD_BACK,
  type InspectedUpdate,
  type Inspection,
  type LayerSpan,
  type Measured,
  type MeasuredUpdate,
} from './inspection.ts'
import { bounded } from './known-clients.ts'
import { measure, measurements as measured } from './measurements.ts'
import { learned, newReconstruction, type Reconstruction, reconstructionFindings } from './reconstruction.ts'
import { BEGINNING, DISTRUSTED, nextReputation, type Reputation } from './reputation.ts'
import { noHistory, type RobustHistory, remembered } from './robust-history.ts'
import { type Course, nextCourse, similarityFindings } from './similarity.ts'
import { features, statisticalFindings } from './statistical.ts'

/** All that is remembered between rounds. Plain data of bounded size; never written to. */
export interface PoisoningState {
  /** Of each feature. */
  readonly history: readonly RobustHistory[]
  readonly courses: ReadonlyMap<string, Course>
  readonly reconstruction: Reconstruction
  readonly reputations: ReadonlyMap<string, Reputation>
}

export interface PoisoningOptions {
  /** Of the network, in the order of its values. */
  readonly layers: readonly LayerSpan[]
  /** Clients remembered at most. */
  readonly mostClients?: number
}

/** Places of a sketch: angles are then off by about 0.06. */
const SKETCH = 256
/** Findings that are less suspicious are not worth a line. */
const MENTIONED = 0.1

/**
 * Says which updates of a round look poisoned, by statistics, by likeness and by an autoencoder, and what each client is worth by now. It decides
 * about holding back, not about rejecting: that is an operator's. Pure: what it knows comes in as state and goes out as state; the same
 * rounds give the same inspections, in whatever order their updates come.
 *
 * It takes updates that are finite and as long as the layers say (see `admit`). Blind to attackers who are the majority from the first
 * round, and to lies that stay within what honest clients differ by,
 * a slow drift among them: what those can do is for the aggregator to bound.
 */
export class PoisoningDetector {
  readonly #layers: readonly LayerSpan[]
  readonly #mostClients: number
  readonly #projection: Projection
  readonly #beginning: PoisoningState

  /** @param rng the same for every round of a run, and a secret: it decides what sketches see */
  constructor({ layers, mostClients = 4096 }: PoisoningOptions, rng: Rng) {
    const width = layers.reduce((end, { offset, length }) => Math.max(end, offset + length), 0)
    this.#layers = layers
    this.#mostClients = mostClients
    this.#projection = new Projection(width, SKETCH, rng)
    this.#beginning = {
      history: Array.from({ length: layers.length + 2 }, () => noHistory),
      courses: new Map(),
      reconstruction: newReconstruction(rng),
      reputations: new Map(),
    }
  }

  /** State of a run that begins. */
  begin(): PoisoningState {
    return this.#beginning
  }

  /** What `inspect` needs of an update, to be kept in place of its values: the same bits, whenever it is done. */
  measure(values: Values): Measured {
    return measure(values, this.#layers, this.#projection)
  }

  /** @param round its number, greater than that of the round before; @returns inspections in the order of client ids */
  inspect(
    state: PoisoningState,
    updates: readonly (InspectedUpdate | MeasuredUpdate)[],
    round: number,
  ): { inspections: Inspection[]; state: PoisoningState } {
    const sorted = updates.toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1))
    const measurements = measured(sorted, this.#layers, this.#projection)
    const rows = features(measurements)
    const courses = measurements.map(({ clientId, residual }) =>
      nextCourse(state.courses.get(clientId), residual, round),
    )
    const statistical = statisticalFindings(rows, state.history, this.#layers)
    const alike = similarityFindings(measurements, courses)
    const { findings: unknown, errors } = reconstructionFindings(state.reconstruction, measurements)
    const inspections = sorted.map(({ clientId }, i) =>
      inspection(
        clientId,
        [...statistical[i]!, alike[i], unknown[i]],
        nextReputation(
          state.reputations.get(clientId),
          worst([...statistical[i]!, alike[i], unknown[i]]),
          round,
        ),
      ),
    )
    const clean = inspections.map(({ quarantined }) => !quarantined)
    const reputations = new Map(state.reputations)
    const known = new Map(state.courses)
    for (const [i, { clientId, reputation }] of inspections.entries()) {
      reputations.set(clientId, { value: reputation, seen: round })
      known.set(clientId, courses[i]!)
    }
    return {
      inspections,
      state: {
        history: state.history.map((kept, feature) =>
          remembered(
            kept,
            rows.map((row) => row[feature]!),
            clean,
          ),
        ),
        courses: bounded(known, this.#mostClients),
        reconstruction: learned(state.reconstruction, measurements, errors, clean),
        reputations: bounded(reputations, this.#mostClients, ({ value }) => value < BEGINNING),
      },
    }
  }
}

/** The state in which clients are trusted again as at their beginning, if they were less: an operator found their updates to be good. */
export function pardoned(state: PoisoningState, clients: readonly string[]): PoisoningState {
  const low = clients.filter((id) => (state.reputations.get(id)?.value ?? BEGINNING) < BEGINNING)
  if (low.length === 0) return state
  const reputations = new Map(state.reputations)
  for (const id of low) reputations.set(id, { value: BEGINNING, seen: state.reputations.get(id)?.seen ?? 0 })
  return { ...state, reputations }
}

const worst = (findings: readonly (Finding | undefined)[]): number =>
  findings.reduce((most, finding) => Math.max(most, finding?.suspicion ?? 0), 0)

function inspection(
  clientId: string,
  findings: readonly (Finding | undefined)[],
  { value: reputation }: Reputation,
): Inspection {
  const suspicion = worst(findings)
  return {
    clientId,
    suspicion,
    findings: findings
      .filter((finding) => finding !== undefined)
      .filter((finding) => finding.suspicion >= MENTIONED)
      .toSorted((a, b) => b.suspicion - a.suspicion),
    reputation,
    quarantined: suspicion >= HELD_BACK || reputation < DISTRUSTED,
  }
}
