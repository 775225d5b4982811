import { expect, it } from 'vitest'
import { News } from './news.ts'

function told(rest: number, rarities: readonly number[]) {
  const news = new News(rest)
  return rarities.map((rarity) => {
    const is = news.is(rarity)
    news.add(rarity)
    return is
  })
}

it('is the beginning of trouble, whatever led up to it', () => {
  expect(told(5, [0.3, 1.8, 1.9, 2.4])).toEqual([true, true, true, false])
})

it('is again what is thirty times as rare as all of the latest', () => {
  expect(told(5, [2, 3.4, 4.8, 6.4])).toEqual([true, false, false, true])
})

it('begins anew after as many vectors without trouble as are looked back at', () => {
  const quiet = [0.1, 0.1, 0.1, 0.1]
  expect(told(5, [2, ...quiet, 2.1]).at(-1)).toBe(false)
  expect(told(5, [2, ...quiet, 0.1, 2.1]).at(-1)).toBe(true)
})

it('is, without trouble, what is rarer than all of the latest', () => {
  expect(told(5, [0.5, 0.6, 0.85, 0.2, 1.1])).toEqual([true, false, true, false, true])
})

it('is everything where nothing is looked back at', () => {
  expect(told(0, [2, 2, 0, 0.1])).toEqual([true, true, true, true])
})
