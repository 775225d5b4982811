import type { Finding, InspectedUpdate, MeasuredUpdate } from '../poisoning/inspection.ts'
import { type PoisoningDetector, type PoisoningState, pardoned } from '../poisoning/poisoning-detector.ts'
import { norm } from '../vector/vector.ts'
import { byClientThenNewest, type Submitted } from './submitted.ts'

/** What becomes of one update before the aggregate is made. */
export interface Judgement {
  readonly id: string
  readonly clientId: string
  readonly state: 'pending' | 'quarantined' | 'rejected'
  readonly reason: string | undefined
  readonly findings: readonly Finding[]
}

export interface JudgedRound {
  /** One for each update, in the order of clients. */
  readonly judgements: readonly Judgement[]
  /** undefined when detection is off. */
  readonly poisoning: PoisoningState | undefined
  /** Of the clients that were looked at. */
  readonly reputations: ReadonlyMap<string, number>
}

export interface JudgeOptions {
  readonly round: number
  /** Version of the weights now. */
  readonly base: number
  readonly stalenessLimit: number
  readonly largestNorm: number
  /** undefined: detection is off. */
  readonly detector: PoisoningDetector | undefined
  readonly poisoning: PoisoningState | undefined
}

/**
 * Decides of each update of a round by itself whether it counts: nobody's update ends a round for the others. Of several of one client the newest
 * counts. Pure: the same for the same updates, in whatever order they come.
 */
export function judge(updates: readonly Submitted[], options: JudgeOptions): JudgedRound {
  const sorted = updates.toSorted(byClientThenNewest)
  const faults = sorted.map((update, i) => fault(update, sorted[i - 1], options))
  const pardons = sorted.filter(({ released }) => released).map(({ clientId }) => clientId)
  const { detector } = options
  const looked = sorted.flatMap((update, i) =>
    faults[i] === undefined && !update.released && !update.trusted ? toInspect(update) : [],
  )
  const before = options.poisoning ?? detector?.begin()
  const inspected =
    detector === undefined || before === undefined
      ? undefined
      : detector.inspect(pardoned(before, pardons), looked, options.round)
  const inspections = new Map(inspected?.inspections.map((each) => [each.clientId, each]))
  const judgements = sorted.map((update, i): Judgement => {
    const { id, clientId, released, trusted } = update
    const about = { id, clientId, findings: [] }
    if (faults[i] !== undefined) return { ...about, state: 'rejected', reason: faults[i] }
    const inspection = released || trusted ? undefined : inspections.get(clientId)
    if (inspection === undefined) return { ...about, state: 'pending', reason: undefined }
    const { findings, quarantined } = inspection
    return quarantined
      ? { ...about, findings, state: 'quarantined', reason: findings[0]?.text ?? 'its client is distrusted' }
      : { ...about, findings, state: 'pending', reason: undefined }
  })
  return {
    judgements,
    poisoning: inspected?.state,
    reputations: new Map(inspected?.inspections.map(({ clientId, reputation }) => [clientId, reputation])),
  }
}

function toInspect({ clientId, values, measured }: Submitted): (InspectedUpdate | MeasuredUpdate)[] {
  if (measured !== undefined) return [{ clientId, measured }]
  return values === undefined ? [] : [{ clientId, values }]
}

function fault(
  update: Submitted,
  before: Submitted | undefined,
  { base, stalenessLimit, largestNorm }: JudgeOptions,
): string | undefined {
  if (before?.clientId === update.clientId) return 'superseded'
  if (update.values === undefined) return 'unreadable'
  // An operator takes longer for a review than rounds do.
  if (!update.released && base - update.base > stalenessLimit) return 'stale'
  return (update.norm ?? norm(update.values)) <= largestNorm ? undefined : 'too_large'
}
