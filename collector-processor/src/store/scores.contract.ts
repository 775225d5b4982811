import { describe, expect, test } from 'vitest'
import type { OpenedStore } from './opened.contract.ts'
import { BLOCK_MINUTES, BLOCK_MS, NO_LEVEL, severitiesBetween } from './score-block.ts'

const DAY_BLOCKS = 4

/** What every engine does with severities by the minute. */
export function scoreContract(opened: OpenedStore): void {
  const scores = () => opened.store.scores
  const block = (begin: number, levels: Record<number, number>, entityId = 'a') => {
    const all = new Uint8Array(BLOCK_MINUTES).fill(NO_LEVEL)
    for (const [minute, level] of Object.entries(levels)) all[Number(minute)] = level
    return { stream: 'service', entityId, beginMs: begin * BLOCK_MS, levels: all }
  }
  const all = async (entity = 'a') =>
    (await scores().between('service', entity, 0, 9 * BLOCK_MS)).map(({ beginMs, levels }) => [
      beginMs / BLOCK_MS,
      Object.fromEntries([...levels.entries()].filter(([, level]) => level !== NO_LEVEL)),
    ])

  describe('severities by the minute', () => {
    test('come in parts and again, and the larger stays, also over a restart', async () => {
      await scores().merge([block(1, { 0: 0, 5: 30 }), block(1, { 1: 9 }, 'b')])
      await scores().merge([block(1, { 0: 80, 5: 20, 6: 200 }), block(2, { 3: 1 })])
      await scores().merge([block(2, { 3: 1 })])
      await opened.reopen()
      expect(await all()).toEqual([
        [1, { 0: 80, 5: 30, 6: 200 }],
        [2, { 3: 1 }],
      ])
      expect(await all('b')).toEqual([[1, { 1: 9 }]])
      expect(await scores().has('service', 'b')).toBe(true)
      expect(await scores().has('host', 'b')).toBe(false)
    })

    test('are found by time, to the minute', async () => {
      await scores().merge([0, 1, 2].map((begin) => block(begin, { 0: 10 * begin, 359: 50 })))
      const at = async (fromMs: number, toMs: number) =>
        (await scores().between('service', 'a', fromMs, toMs)).map(({ beginMs }) => beginMs / BLOCK_MS)
      expect(await at(BLOCK_MS - 1, BLOCK_MS)).toEqual([0])
      expect(await at(BLOCK_MS, BLOCK_MS + 1)).toEqual([1])
      expect(await at(BLOCK_MS - 60_000, 2 * BLOCK_MS + 1)).toEqual([0, 1, 2])
      const series = severitiesBetween(
        await scores().between('service', 'a', BLOCK_MS - 60_000, BLOCK_MS + 90_000),
        BLOCK_MS - 60_000,
        BLOCK_MS + 90_000,
      )
      expect(series).toEqual([0.5, 0.1, null])
    })

    test('go when their block is over for long enough, in pieces', async () => {
      const days = Array.from({ length: 12 }, (_, day) => day * DAY_BLOCKS)
      await scores().merge(days.map((begin) => block(begin, { 0: 1 })))
      expect(await scores().sweep((DAY_BLOCKS + 1) * BLOCK_MS - 1, 10)).toBe(1)
      const pieces: number[] = []
      do pieces.push(await scores().sweep((12 * DAY_BLOCKS + 1) * BLOCK_MS, 2))
      while (pieces.at(-1) !== 0)
      expect(pieces.length).toBeGreaterThan(3)
      expect(pieces.reduce((sum, piece) => sum + piece)).toBe(11)
      expect(await all()).toEqual([])
    })
  })
}
