import { expect, test } from 'vitest'
import { Admission } from './admission.ts'
import { Pace } from './pace.ts'
import { Refusal } from './refusal.ts'

const MIB = 2 ** 20

test('bounds the bytes of all requests, and lets in one that is alone', () => {
  const admission = new Admission(100)
  const one = admission.open()
  one.add(150)
  const other = admission.open()
  expect(() => other.add(1)).toThrow(Refusal)
  expect(() => other.expect(1)).toThrow('100 bytes of requests are in flight; send this one again')
  one.close()
  other.expect(100)
  other.add(100)
  expect(admission.bytesInFlight).toBe(100)
  other.close()
  expect(admission.bytesInFlight).toBe(0)
})

test('a limit that gets smaller leaves alone what is held', () => {
  const admission = new Admission(100)
  const one = admission.open()
  one.add(80)
  admission.limit = 50
  expect(() => admission.open().add(1)).toThrow(Refusal)
  one.close()
  admission.open().add(50)
  expect(admission.bytesInFlight).toBe(50)
})

test('bounds the wait, by what was handled of late; what was refused was not handled', () => {
  const time = { nowMs: 0 }
  const pace = new Pace(2000, { now: () => time.nowMs, busy: () => 1 })
  const admission = new Admission(1000 * MIB, pace)
  const handle = (bytes: number) => {
    const hold = admission.open()
    hold.add(bytes)
    hold.close()
  }
  handle(5 * MIB)
  time.nowMs = 250
  const long = admission.open()
  long.add(39 * MIB)
  const refused = admission.open()
  expect(() => refused.add(2 * MIB)).toThrow('would wait longer than 2 s')
  refused.close()
  const last = admission.open()
  last.add(MIB)
  expect(() => admission.open().expect(1)).toThrow(Refusal)
  long.close()
  last.close()
  expect(admission.bytesInFlight).toBe(0)
})
