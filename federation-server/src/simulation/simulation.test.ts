import { describe, expect, it } from 'vitest'
import { Config } from '../config.ts'
import { runSettings } from '../round/settings.ts'
import { attacks } from './attacks/attacks.ts'
import { averagePrecision } from './average-precision.ts'
import { type ServerSettings, type SimulationOptions, simulate } from './simulation.ts'
import { tally } from './tally.ts'

function settings(aggregation: object, detector: boolean): ServerSettings {
  const { federated } = Config.parse({
    federated: { aggregation, poisoning_detection: { enabled: detector }, runs: { one: {} } },
  })
  return runSettings(federated, federated.runs['one']!)
}
const plain = settings({ pre_steps: [], rule: 'fed_avg', faulty: 0 }, false)
const options: SimulationOptions = {
  clients: 6,
  attackers: 1,
  attack: undefined,
  rounds: 12,
  seed: 7,
  trusted: 0,
  settings: plain,
}
const under = (name: string, change: Partial<SimulationOptions> = {}) =>
  simulate({ ...options, attack: attacks.find((attack) => attack.name === name)!, ...change })

describe('a simulated federation', () => {
  it('learns to find anomalies that weights of no training do not find', () => {
    const early = simulate({ ...options, rounds: 1 })
    const late = simulate(options)
    expect(late.quality).toBeGreaterThan(early.quality + 15)
    expect(late).toMatchObject({ honestRejected: 0, attackersCaught: 0, abandoned: 0 })
    expect(late.bytesUp).toBeGreaterThan(0)
  })

  it('is the same for the same seed, another for another', () => {
    expect(simulate(options)).toEqual(simulate(options))
    expect(simulate({ ...options, seed: 8 }).quality).not.toBe(simulate(options).quality)
  })

  it('loses what it learned under the plain mean, and little of it with the detector', () => {
    const unharmed = simulate(options).quality
    expect(unharmed - under('scaling').quality).toBeGreaterThan(15)
    const held = under('scaling', { settings: settings({}, true) })
    expect(unharmed - held.quality).toBeLessThan(8)
    expect(held).toMatchObject({ attackersCaught: 1, honestRejected: 0 })
  })

  it('refuses at the door what is no number, whatever the rule, and goes on without it', () => {
    const report = under('nan')
    expect(report).toMatchObject({ attackersCaught: 1, caughtAfter: 1, abandoned: 0, honestRejected: 0 })
    expect(simulate(options).quality - report.quality).toBeLessThan(8)
  })

  it('trains trusted sites beside the others, as the root of fl_trust', () => {
    const trusting = settings({ pre_steps: [], rule: 'fl_trust' }, false)
    expect(simulate({ ...options, settings: trusting, trusted: 1 }).abandoned).toBe(0)
    const without = simulate({ ...options, rounds: 2, settings: trusting })
    expect(without.abandoned).toBe(2)
    expect(without.abandonedFor).toContain('root')
  })

  it('abandons rounds of too few clients for the rule, and says why', () => {
    const report = simulate({
      ...options,
      rounds: 2,
      settings: settings({ rule: 'bulyan', faulty: 2 }, false),
    })
    expect(report.abandoned).toBe(2)
    expect(report.abandonedFor).toContain('needs 11 updates')
  })

  it('refuses numbers that make no federation', () => {
    expect(() => simulate({ ...options, attackers: 6 })).toThrow('leave nobody honest')
    expect(() => simulate({ ...options, rounds: 0 })).toThrow('rounds must be')
    expect(() => simulate({ ...options, clients: 2.5 })).toThrow('clients must be')
  })
})

it('tally counts who is out for good, from which round, and honest updates that were not taken', () => {
  const [y, n] = [true, false]
  expect(
    tally(
      [
        [n, y, y],
        [y, n, y],
        [y, y, n],
        [n, n, y],
        [n, n, n],
      ],
      3,
    ),
  ).toEqual({
    honestRejected: 1 / 6,
    attackersCaught: 2 / 3,
    caughtAfter: 2.5,
  })
  expect(tally([[n, n]], 1)).toMatchObject({ attackersCaught: 0, caughtAfter: undefined })
})

it('average precision is 1 for a perfect order, and the share of anomalies for equal scores', () => {
  const rows = (scores: number[]) => scores.map((score, i) => ({ score, anomalous: i < 2 }))
  expect(averagePrecision(rows([4, 3, 2, 1]))).toBe(1)
  expect(averagePrecision(rows([1, 2, 3, 4]))).toBeCloseTo((1 / 3 + 2 / 4) / 2, 12)
  expect(averagePrecision(rows([4, 1, 3, 2]))).toBeCloseTo((1 + 2 / 4) / 2, 12)
})
