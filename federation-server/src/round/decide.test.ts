import { seeded } from '@adf/detectors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, type Situation } from './decide.ts'
import { isOver, type Move, moved, opened, type Round, transitions } from './round.ts'

const rules = {
  rounds: 3,
  minClients: 3,
  deadlineMs: 1000,
  asynchronous: false,
  bufferSize: 4,
  quorum: 1,
  selection: { fraction: 1 },
  gatherMs: 100,
  masking: { threshold: 0.66, clip: 1, sampleCap: 1000, phaseMs: 500 },
}
const T = 1_000_000
const rng = () => seeded(1)
const present = (count: number, sinceMs = 0, trusted = false) =>
  Array.from({ length: count }, (_, i) => ({ id: `c${i}`, sinceMs, trusted }))
const asked = (delivered: number, clients: number, trustedMissing = 0) => ({
  clients,
  delivered: Math.min(delivered, clients),
  trustedMissing,
})
const situation = (round: Round | undefined, more: Partial<Situation> = {}): Situation => ({
  paused: false,
  committed: 0,
  round,
  present: [],
  asked: asked(0, 0),
  waiting: 0,
  secure: undefined,
  ...more,
})
const inState = (state: Round['state'], more: Partial<Round> = {}): Round => ({
  ...opened(1, 0, T),
  state,
  ...more,
})
const at = (s: Situation, nowMs = T, more: Partial<typeof rules> = {}) =>
  decide(s, { ...rules, ...more }, nowMs, rng())

describe('a round', () => {
  it('opens after the one before it, until all are committed, and not while the run is paused', () => {
    expect(at(situation(undefined))).toEqual({ kind: 'open', number: 1 })
    expect(at(situation(inState('COMMITTED'), { committed: 1 }))).toEqual({ kind: 'open', number: 2 })
    expect(at(situation(inState('ABANDONED')))).toEqual({ kind: 'open', number: 2 })
    expect(at(situation(undefined, { paused: true }))).toMatchObject({ kind: 'wait', untilMs: undefined })
    expect(at(situation(inState('COMMITTED'), { committed: 3 }))).toMatchObject({ kind: 'wait' })
  })

  it('begins when enough clients are there and no further ones come, or have come for long enough', () => {
    const open = inState('OPEN')
    expect(at(situation(open, { present: present(2) }))).toMatchObject({ kind: 'wait', untilMs: undefined })
    expect(at(situation(open, { present: present(3, T - 99) }))).toMatchObject({
      kind: 'wait',
      untilMs: T + 1,
    })
    expect(at(situation(open, { present: present(3, T - 100) }))).toMatchObject({ kind: 'select' })
    const long = { ...open, openedMs: T - 1200 }
    expect(at(situation(long, { present: present(3, T) }))).toMatchObject({ kind: 'select' })
    expect(at(situation(open, { present: present(5), paused: true }))).toMatchObject({ kind: 'wait' })
    // Trusted clients measure the others; they are none of them.
    expect(at(situation(open, { present: [...present(2), ...present(2, 0, true)] }))).toMatchObject({
      kind: 'wait',
    })
  })

  it('ends when all that were asked have delivered, or a quorum of them', () => {
    const collecting = inState('COLLECTING', { deadlineMs: T + 500 })
    expect(at(situation(collecting, { asked: asked(4, 5), waiting: 4 }))).toMatchObject({
      kind: 'wait',
      untilMs: T + 500,
    })
    expect(at(situation(collecting, { asked: asked(5, 5), waiting: 5 }))).toEqual({ kind: 'close' })
    expect(at(situation(collecting, { asked: asked(4, 5), waiting: 4 }), T, { quorum: 0.8 })).toEqual({
      kind: 'close',
    })
    expect(at(situation(collecting, { asked: asked(2, 2), waiting: 2 }))).toMatchObject({ kind: 'wait' })
  })

  it('says how many updates it waits for at least', () => {
    const collecting = inState('COLLECTING', { deadlineMs: T + 500 })
    const missing = (s: Partial<Situation>, more = {}) => at(situation(collecting, s), T, more)
    expect(missing({ asked: asked(2, 10), waiting: 2 })).toMatchObject({ updates: 8 })
    expect(missing({ asked: asked(2, 10), waiting: 2 }, { quorum: 0.5 })).toMatchObject({ updates: 3 })
    expect(missing({ asked: asked(0, 2), waiting: 0 })).toMatchObject({ updates: 3 })
    expect(missing({ waiting: 1 }, { asynchronous: true })).toMatchObject({ updates: 3 })
    expect(missing({ asked: asked(3, 3, 2), waiting: 3 })).toMatchObject({ updates: 2 })
  })

  it('waits for a trusted client until its deadline, not beyond', () => {
    const collecting = inState('COLLECTING', { deadlineMs: T + 500 })
    const s = situation(collecting, {
      asked: asked(3, 3, 1),
      waiting: 3,
    })
    expect(at(s)).toMatchObject({ kind: 'wait' })
    expect(at(s, T + 500)).toEqual({ kind: 'close' })
  })

  it('is abandoned at its deadline when too few have come, whatever was asked', () => {
    const collecting = inState('COLLECTING', { deadlineMs: T })
    expect(at(situation(collecting, { asked: asked(2, 5), waiting: 2 }))).toMatchObject({
      kind: 'abandon',
      reason: '2 of 3 updates came before the deadline',
    })
    expect(at(situation(collecting, { asked: asked(0, 5), waiting: 3 }))).toEqual({ kind: 'close' })
  })

  it('has a deadline that a clock set back cannot move away', () => {
    const collecting = inState('COLLECTING', { deadlineMs: T + 3_600_000 })
    expect(at(situation(collecting))).toMatchObject({ kind: 'wait', untilMs: T + 1000 })
  })

  it('ends asynchronously when the buffer is full, whoever filled it', () => {
    const collecting = inState('COLLECTING', { deadlineMs: T + 500 })
    const more = { asynchronous: true }
    expect(at(situation(collecting, { asked: asked(5, 5), waiting: 3 }), T, more)).toMatchObject({
      kind: 'wait',
    })
    expect(at(situation(collecting, { asked: asked(0, 5), waiting: 4 }), T, more)).toEqual({ kind: 'close' })
  })
})

/** Whatever happens, and whenever the server looks. */
const event = fc.record({
  afterMs: fc.integer({ min: -2000, max: 2000 }),
  present: fc.integer({ min: 0, max: 6 }),
  delivered: fc.integer({ min: 0, max: 6 }),
  waiting: fc.integer({ min: 0, max: 6 }),
  paused: fc.boolean(),
})

it('goes through its states in order, once, and ends with enough updates or says why not', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (events, asynchronous) => {
      let round: Round | undefined
      let committed = 0
      let nowMs = T
      for (const { afterMs, present: there, delivered, waiting, paused } of events) {
        nowMs += afterMs
        const s = situation(round, {
          paused,
          committed,
          present: present(there),
          asked: asked(delivered, 6),
          waiting,
        })
        const move: Move = decide(s, { ...rules, asynchronous }, nowMs, rng())
        expect(move).toEqual(decide(s, { ...rules, asynchronous }, nowMs, rng()))
        if (move.kind === 'wait') {
          expect(move.untilMs ?? nowMs + 1).toBeGreaterThan(nowMs)
          continue
        }
        if (move.kind === 'open') {
          expect(round === undefined || isOver(round.state)).toBe(true)
          expect(committed).toBeLessThan(rules.rounds)
          expect(move.number).toBe((round?.number ?? 0) + 1)
          round = opened(move.number, committed, nowMs)
          continue
        }
        const before: Round = round!
        if (move.kind === 'close') expect(waiting).toBeGreaterThanOrEqual(rules.minClients)
        if (move.kind === 'select') expect(move.clients.length).toBeGreaterThanOrEqual(rules.minClients)
        round = moved(before, move, nowMs)
        expect(transitions[move.kind].from).toContain(before.state)
        expect(isOver(before.state)).toBe(false)
        if (round.state === 'COMMITTED') {
          committed++
          expect(round.version).toBe(before.base + 1)
        }
        expect(round.reason === undefined).toBe(round.state !== 'ABANDONED')
        expect(round.closedMs === undefined).toBe(!isOver(round.state))
      }
    }),
    { seed: 6, numRuns: 300 },
  )
})

it('refuses a move that its state does not allow', () => {
  expect(() => moved(inState('OPEN'), { kind: 'aggregate' }, T)).toThrow(
    'round 1 is OPEN: it cannot aggregate',
  )
  expect(() => moved(inState('COMMITTED'), { kind: 'abandon', reason: 'x' }, T)).toThrow('COMMITTED')
})
