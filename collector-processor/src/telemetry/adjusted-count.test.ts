import { describe, expect, it } from 'vitest'
import { adjustedCount, MAX_ADJUSTED_COUNT } from './adjusted-count.ts'

const of = (tracestate: string) => {
  // somewhere within other bytes, as in a request
  const bytes = new TextEncoder().encode(`ot=th:8;${tracestate},ot=th:f`)
  return adjustedCount(bytes, 8, 8 + tracestate.length)
}

describe('adjustedCount', () => {
  it.each([
    ['ot=th:0', 1],
    ['ot=th:8', 2],
    ['ot=th:c', 4],
    ['ot=th:C0', 4],
    ['ot=th:e6666666666668', 10],
    ['ot=th:fd70a3d70a3d71', 100],
    ['ot=rv:abcdef01234567;th:8', 2],
    ['vendor=ot,ot=th:8;rv:1,other=th', 2],
    ['vendor=x, \tot=th:8 ', 2],
    ['ot=p:3;r:10', 8],
    ['ot=r:10;p:0', 1],
    ['ot=p:3;th:8', 2],
  ])('reads %s', (tracestate, count) => {
    expect(of(tracestate)).toBeCloseTo(count, 5)
    expect(of(tracestate)).toBe(Math.fround(of(tracestate)))
  })

  it.each([
    '',
    'ot=',
    'ot=th:',
    'ot=th:xyz',
    'ot=th:000000000000001',
    'not=th:8',
    'vendor=th:8',
    'ot=p:63',
    'ot=p:-1',
    'ot=path:8',
  ])('takes "%s" for not sampled', (tracestate) => {
    expect(of(tracestate)).toBe(1)
  })

  it('lets no span stand for more than a million', () => {
    expect(of('ot=th:ffffffffffffff')).toBe(MAX_ADJUSTED_COUNT)
    expect(of('ot=p:62')).toBe(MAX_ADJUSTED_COUNT)
  })
})
