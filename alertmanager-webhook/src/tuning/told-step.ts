import { createHash } from 'node:crypto'
import type { AlertCounts, TunerStep } from '@adf/contract/feedback'
import { v7 as uuidv7 } from 'uuid'
import type { z } from 'zod'
import type { Effect, Step } from '../tuner/step.ts'

type Counts = z.infer<typeof AlertCounts>

/** A step as it is stored and told. The same step gets the same id, so that one which is told again, or thought of again after a crash, is one. */
export function toldStep(step: Step, outcome: TunerStep['outcome'], version: number | null): TunerStep {
  const { entity, atMinute, kind, policy, from, to, action, expected, seen } = step
  return {
    id: stepId(step),
    at: new Date(atMinute * 60_000).toISOString(),
    stream: entity.stream,
    entity_id: entity.id,
    policy,
    state: stateInWords(step.state),
    action:
      kind === 'rolled_back' ? 'rollback' : action === 'up' ? 'raise' : action === 'down' ? 'lower' : 'keep',
    explored: wentAgainst(step),
    from,
    to,
    outcome,
    expected: { before: countsOf(expected, action, 'before'), after: countsOf(expected, action, 'after') },
    seen: seen === null ? null : countsOf(seen, action, 'after'),
    text: sentence(step.sentence),
    version,
  }
}

/** A UUIDv7 whose time is the minute of the step, and whose rest follows from what the step is. */
function stepId({ entity, atMinute, kind }: Pick<Step, 'entity' | 'atMinute' | 'kind'>): string {
  const rolledBack = kind === 'rolled_back'
  const random = createHash('sha256')
    .update(JSON.stringify([entity.stream, entity.id, atMinute, rolledBack]))
    .digest()
  return uuidv7({ msecs: atMinute * 60_000, random, seq: random.readUInt32BE(16) & 0x7f_ff_ff_ff })
}

/** Alerts on either side of a step; going down it is the other way round: what lies between the thresholds is won. */
function countsOf(effect: Effect, action: Step['action'], side: 'before' | 'after'): Counts {
  const { alertsBefore, alertsAfter, judgedNoise, noiseGone, judgedUseful, usefulLost } = effect
  const high = (side === 'after') === (action === 'up')
  return {
    alerts: side === 'before' ? alertsBefore : alertsAfter,
    useful: high ? judgedUseful - usefulLost : judgedUseful,
    noise: high ? judgedNoise - noiseGone : judgedNoise,
    missed: high ? usefulLost : 0,
  }
}

const PULLS = { up: 'noise pulls it up', down: 'misses pull it down', none: 'it is well placed' } as const
const STRENGTHS = { weak: 'not surely', strong: 'surely' } as const
const BURNS = { calm: 'no burn', burning: 'the error budget burns' } as const

const has = <K extends string>(words: Readonly<Record<K, string>>, key: string): key is K =>
  Object.hasOwn(words, key)

/** States of Q-learning in words; those of other policies as they are. */
export function stateInWords(state: string): string {
  const [pull = '', strength = '', burn = ''] = state.split('/')
  if (!has(PULLS, pull) || !has(STRENGTHS, strength) || !has(BURNS, burn)) return state
  return `${PULLS[pull]}, ${STRENGTHS[strength]}, ${BURNS[burn]}`
}

/** Against what the stored past pulls to: either tried by chance, or learned to be better from what came of earlier steps. */
const wentAgainst = ({ state, action, kind, policy }: Step): boolean =>
  policy === 'q-learning' && kind !== 'rolled_back' && action !== 'none' && !state.startsWith(`${action}/`)

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`
