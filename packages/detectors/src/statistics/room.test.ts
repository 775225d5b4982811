import { expect, it } from 'vitest'
import { packed, Room } from './room.ts'

const make = (room: Room) => ({
  halves: room.float16(3),
  doubles: room.float64(2),
  singles: room.float32(5),
  more: room.float64(1),
})

it('lays places side by side in one buffer, with one array of each precision over it', () => {
  const { halves, doubles, singles, more } = packed(make)
  expect(doubles.numbers).toBe(more.numbers)
  expect([halves.numbers.buffer, singles.numbers.buffer]).toEqual([more.numbers.buffer, more.numbers.buffer])
  expect(more.numbers.buffer.byteLength).toBe(8 + 16 + 24 + 8)
  doubles.numbers.fill(1, doubles.from, doubles.from + 2)
  singles.numbers.fill(2, singles.from, singles.from + 5)
  more.numbers[more.from] = 3
  halves.numbers.fill(4, halves.from, halves.from + 3)
  expect([...doubles.numbers.subarray(doubles.from, doubles.from + 2), more.numbers[more.from]]).toEqual([
    1, 1, 3,
  ])
  expect([...singles.numbers.subarray(singles.from, singles.from + 5)]).toEqual([2, 2, 2, 2, 2])
  expect([...halves.numbers.subarray(halves.from, halves.from + 3)]).toEqual([4, 4, 4])
})

it('gives arrays of their own without a size', () => {
  const { doubles, more } = make(new Room())
  expect([doubles.numbers.length, doubles.from, more.numbers.length, more.from]).toEqual([2, 0, 1, 0])
})
