import type { RoundState } from '@adf/contract/federation'

/** A round as it is kept. Plain data. */
export interface Round {
  readonly number: number
  readonly state: RoundState
  /** Version of the weights that it begins with. */
  readonly base: number
  readonly openedMs: number
  /** From COLLECTING on. */
  readonly deadlineMs: number | undefined
  readonly closedMs: number | undefined
  /** Version that it made. */
  readonly version: number | undefined
  /** Why it was abandoned. */
  readonly reason: string | undefined
}

/** What happens to a round next. */
export type Move =
  | { readonly kind: 'open'; readonly number: number }
  | { readonly kind: 'select'; readonly clients: readonly string[] }
  | { readonly kind: 'configure' }
  | { readonly kind: 'collect'; readonly deadlineMs: number }
  /** Of secure aggregation: the phase that is over gives way to the next. */
  | { readonly kind: 'share' | 'mask' | 'confirm' | 'unmask'; readonly phaseDeadlineMs: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'validate' }
  | { readonly kind: 'aggregate' }
  | { readonly kind: 'abandon'; readonly reason: string }
  /** Nothing to do before this time, unless something happens; undefined: however long. */
  | {
      readonly kind: 'wait'
      readonly untilMs: number | undefined
      readonly reason: string
      /** Fewer further updates than this change nothing. */
      readonly updates: number
    }

/** Which states each move leads from, and to which; `open` begins a round. */
export const transitions = {
  select: { from: ['OPEN'], to: 'SELECTED' },
  configure: { from: ['SELECTED'], to: 'CONFIGURED' },
  collect: { from: ['CONFIGURED'], to: 'COLLECTING' },
  share: { from: ['COLLECTING'], to: 'COLLECTING' },
  mask: { from: ['COLLECTING'], to: 'COLLECTING' },
  confirm: { from: ['COLLECTING'], to: 'COLLECTING' },
  unmask: { from: ['COLLECTING'], to: 'COLLECTING' },
  close: { from: ['COLLECTING'], to: 'VALIDATING' },
  validate: { from: ['VALIDATING'], to: 'AGGREGATING' },
  aggregate: { from: ['AGGREGATING'], to: 'COMMITTED' },
  abandon: {
    from: ['OPEN', 'SELECTED', 'CONFIGURED', 'COLLECTING', 'VALIDATING', 'AGGREGATING'],
    to: 'ABANDONED',
  },
} as const satisfies Record<string, { from: readonly RoundState[]; to: RoundState }>

export const isOver = (state: RoundState): boolean => state === 'COMMITTED' || state === 'ABANDONED'
/** Its updates are not fixed yet: what comes now counts in it. */
export const isTaking = (state: RoundState): boolean =>
  state === 'OPEN' || state === 'SELECTED' || state === 'CONFIGURED' || state === 'COLLECTING'

/** @param base version of the weights now */
export const opened = (number: number, base: number, nowMs: number): Round => ({
  number,
  state: 'OPEN',
  base,
  openedMs: nowMs,
  deadlineMs: undefined,
  closedMs: undefined,
  version: undefined,
  reason: undefined,
})

/** The round after a move that its state allows. @throws Error for any other: a fault of the server */
export function moved(round: Round, move: Exclude<Move, { kind: 'open' | 'wait' }>, nowMs: number): Round {
  const { from, to } = transitions[move.kind]
  if (!from.some((state) => state === round.state))
    throw new Error(`round ${round.number} is ${round.state}: it cannot ${move.kind}`)
  return {
    ...round,
    state: to,
    deadlineMs: move.kind === 'collect' ? move.deadlineMs : round.deadlineMs,
    closedMs: isOver(to) ? nowMs : round.closedMs,
    version: move.kind === 'aggregate' ? round.base + 1 : round.version,
    reason: move.kind === 'abandon' ? move.reason : round.reason,
  }
}
