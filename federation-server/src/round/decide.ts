import type { Rng } from '@adf/detectors'
import { isOver, type Move, type Round } from './round.ts'
import { decideSecurely, type SecureSituation } from './secure/decide.ts'
import { type Present, select } from './selection.ts'
import type { RunSettings } from './settings.ts'

/** All that the next move of a run depends on, as the database has it. */
export interface Situation {
  readonly paused: boolean
  /** Rounds committed so far. */
  readonly committed: number
  /** The latest one; undefined before the first. */
  readonly round: Round | undefined
  readonly present: readonly Present[]
  /** Clients that the round asked and that are still enrolled. */
  readonly asked: {
    /** How many, and how many of them have delivered; trusted ones are not counted. */
    readonly clients: number
    readonly delivered: number
    /** Trusted ones that have not delivered. */
    readonly trustedMissing: number
  }
  /** Clients with an update that would count if the round ended now, late and released ones among them; trusted ones are not counted. */
  readonly waiting: number
  /** Of a round that is collecting by secure aggregation. */
  readonly secure: SecureSituation | undefined
}

/** A round waits for newcomers at most so many times `gather`. */
const LONGEST_GATHER = 12

type Rules = Pick<
  RunSettings,
  | 'rounds'
  | 'minClients'
  | 'deadlineMs'
  | 'asynchronous'
  | 'bufferSize'
  | 'quorum'
  | 'selection'
  | 'gatherMs'
  | 'masking'
>

/**
 * What happens next in a run, by where it stands: the same for the same situation, however it came about, so that a server that
 * was killed goes on where it was.
 *
 * @param rng for the selection, the same for the same round
 */
export function decide(situation: Situation, rules: Rules, nowMs: number, rng: Rng): Move {
  const { round, committed, paused } = situation
  if (round === undefined || isOver(round.state)) {
    if (committed >= rules.rounds) return wait('the run is finished')
    if (paused) return wait('the run is paused')
    return { kind: 'open', number: (round?.number ?? 0) + 1 }
  }
  switch (round.state) {
    case 'OPEN':
      return paused ? wait('the run is paused') : whenGathered(round, situation, rules, nowMs, rng)
    case 'SELECTED':
      return { kind: 'configure' }
    case 'CONFIGURED':
      return { kind: 'collect', deadlineMs: nowMs + rules.deadlineMs }
    case 'COLLECTING':
      return situation.secure === undefined
        ? collecting(round, situation, rules, nowMs)
        : decideSecurely(round, situation.secure, situation.asked.clients, rules, nowMs)
    case 'VALIDATING':
      return { kind: 'validate' }
    default:
      return { kind: 'aggregate' }
  }
}

function whenGathered(round: Round, { present }: Situation, rules: Rules, nowMs: number, rng: Rng): Move {
  const count = present.filter(({ trusted }) => !trusted).length
  if (count < rules.minClients) return wait(`${count} of ${rules.minClients} clients are present`)
  const newest = Math.max(...present.map(({ sinceMs }) => sinceMs))
  const untilMs = Math.min(newest + rules.gatherMs, round.openedMs + LONGEST_GATHER * rules.gatherMs)
  // A clock that was set back must not hold a round for longer than the wait itself.
  if (untilMs > nowMs && untilMs - nowMs <= LONGEST_GATHER * rules.gatherMs)
    return wait('further clients may come', untilMs)
  return {
    kind: 'select',
    clients: select(present, rules.asynchronous ? { ...rules, selection: { fraction: 1 } } : rules, rng),
  }
}

function collecting(round: Round, { asked, waiting }: Situation, rules: Rules, nowMs: number): Move {
  const deadlineMs = Math.min(round.deadlineMs ?? nowMs, nowMs + rules.deadlineMs)
  const enough = waiting >= rules.minClients
  if (nowMs >= deadlineMs)
    return enough
      ? { kind: 'close' }
      : { kind: 'abandon', reason: `${waiting} of ${rules.minClients} updates came before the deadline` }
  const { clients, delivered, trustedMissing } = asked
  const missing = Math.max(
    rules.minClients - waiting,
    rules.asynchronous ? rules.bufferSize - waiting : Math.ceil(rules.quorum * clients) - delivered,
    trustedMissing,
  )
  return missing <= 0 ? { kind: 'close' } : wait(`${waiting} updates are there`, deadlineMs, missing)
}

const wait = (reason: string, untilMs?: number, updates = 1): Move => ({
  kind: 'wait',
  untilMs,
  reason,
  updates,
})
