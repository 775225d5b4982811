import { expect, it } from 'vitest'
import { DutyCycle } from './duty-cycle.ts'

/** A core on which work takes so much processor time and, with others on it, so much longer. */
function core(share: number, slowness = 1) {
  const time = { cpu: 0, wall: 0, slept: 0, naps: 0 }
  const cycle = new DutyCycle({
    share,
    cpuMs: () => time.cpu,
    wallMs: () => time.wall,
    sleep: async (ms) => {
      time.wall += ms
      time.slept += ms
      time.naps++
    },
  })
  const work = (ms: number) => {
    time.cpu += ms
    time.wall += ms * slowness
  }
  return { time, cycle, work }
}

it.each([0.05, 0.1, 0.5])('keeps a share of %d, whatever the length of a piece', async (share) => {
  for (const piece of [1, 7, 300]) {
    const { time, cycle, work } = core(share)
    for (let done = 0; done < 3000; done += piece) {
      work(piece)
      await cycle.rest()
    }
    const used = time.cpu / time.wall
    expect(used).toBeLessThan(share * 1.02)
    expect(used).toBeGreaterThan(share * 0.95)
  }
})

it('does not sleep for what others took, nor with a whole core', async () => {
  for (const { time, cycle, work } of [core(0.25, 4), core(1)]) {
    for (let i = 0; i < 100; i++) {
      work(10)
      await cycle.rest()
    }
    expect(time.slept).toBe(0)
  }
})

it('saves up rests that are too short', async () => {
  const { time, cycle, work } = core(0.5)
  for (let i = 0; i < 100; i++) {
    work(1)
    await cycle.rest()
  }
  expect(time.naps).toBeLessThanOrEqual(5)
})
