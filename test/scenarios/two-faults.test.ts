import type { Incident } from '@adf/contract'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Branches, FAULTS, type Fault } from '../harness/branches.ts'
import { startPipeline } from '../harness/pipeline.ts'

const T0 = 1_760_000_000_000
const WARM_S = 320
const QUIET_S = 60
/** Requests a second. */
const RATE = 6

/** A shop with thirty services whose normal is learned; simulated time goes on from test to test. */
async function warmShop(seed: number) {
  const shop = new Branches(seed)
  const pipeline = await startPipeline(
    { edge: { detection: { detectors: ['robust', 'rules'] } }, incident: { resolve_after: '30s' } },
    T0,
  )
  let second = 0
  const play = (seconds: number, faults: readonly Fault[] = [], sharedMs?: number) => {
    for (const end = second + seconds; second < end; second++) {
      const atMs = T0 + second * 1000
      const spans = Array.from({ length: RATE }, (_, i) =>
        shop.request(atMs + (i * 1000) / RATE, faults, sharedMs),
      )
      pipeline.step(spans.flat(), atMs + 1000)
    }
  }
  play(WARM_S)
  expect(pipeline.incidents.size).toBe(0)
  return {
    shop,
    play,
    /** Plays, and what is open at the end of it that was not there before; then all is quiet again. */
    during(run: () => void): Incident[] {
      const before = new Set(pipeline.incidents.keys())
      run()
      const open = [...pipeline.incidents.values()].filter(
        ({ id, state }) => state === 'open' && !before.has(id),
      )
      play(QUIET_S)
      expect(pipeline.failures).toEqual([])
      return open
    },
    stop: pipeline.stop,
  }
}

const names = (incident: Incident, { service, fault }: Fault) => {
  const first = incident.causes[0]?.service
  return first === service || (fault === 'database' && first === `database:${service}`)
}

test.each([1, 6])(
  'two faults at once in unrelated branches are two incidents, each with its cause (seed %d)',
  async (seed) => {
    const { shop, play, during, stop } = await warmShop(seed)
    const generator = xoroshiro128plus(seed)
    const pick = <T>(from: readonly T[]): T => {
      const chosen = from[Math.floor(uniformFloat64(generator) * from.length)]
      if (chosen === undefined) throw new Error('nothing to pick from')
      return chosen
    }
    const fault = (): Fault => {
      const drawn = { service: pick(shop.services), fault: pick(FAULTS) }
      return shop.fits(drawn) ? drawn : fault()
    }
    const pair = (): [Fault, Fault] => {
      const [a, b] = [fault(), fault()]
      return shop.unrelated(a.service, b.service) ? [a, b] : pair()
    }
    const mixed: string[] = []
    const PAIRS = 10
    for (let n = 0; n < PAIRS; n++) {
      const [a, b] = pair()
      const open = during(() => play(50, [a, b]))
      const ofA = open.find((incident) => names(incident, a))
      const ofB = open.find((incident) => names(incident, b))
      if (ofA === undefined || ofB === undefined || ofA === ofB)
        mixed.push(
          `${a.fault} in ${a.service}, ${b.fault} in ${b.service}: ${open.map(({ title }) => title).join('; ')}`,
        )
    }
    await stop()
    expect(mixed.length, mixed.join('\n')).toBeLessThanOrEqual(PAIRS / 10)
  },
  600_000,
)

describe('one story is one incident', () => {
  let shop: Awaited<ReturnType<typeof warmShop>>
  beforeAll(async () => {
    shop = await warmShop(3)
  }, 300_000)
  afterAll(() => shop.stop())

  test('a database that two branches share', () => {
    const open = shop.during(() => shop.play(40, [], 150))
    expect(open.map(({ causes }) => causes[0]?.service)).toEqual(['database:shared'])
    expect(open[0]?.services.length).toBeGreaterThan(3)
  })

  test('a fault, and later another one further along the same path', () => {
    const upper = shop.shop.services.find((service) => service.startsWith('s1-')) ?? ''
    const lower = [...shop.shop.reached(upper)].find((service) => service.startsWith('s3-')) ?? ''
    const first = { service: upper, fault: 'latency' } as const
    const open = shop.during(() => {
      shop.play(25, [first])
      shop.play(25, [first, { service: lower, fault: 'latency' }])
    })
    expect(open).toHaveLength(1)
    expect(
      open[0]?.causes
        .slice(0, 2)
        .map(({ service }) => service)
        .toSorted(),
    ).toEqual([upper, lower].toSorted())
  })

  test('a fault that comes and goes', () => {
    const open = shop.during(() => {
      for (let time = 0; time < 4; time++) {
        shop.play(8, [{ service: 's2-1', fault: 'latency' }])
        shop.play(8)
      }
    })
    expect(open.map(({ causes }) => causes[0]?.service)).toEqual(['s2-1'])
  })
})
