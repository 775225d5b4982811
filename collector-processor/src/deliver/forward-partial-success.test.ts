import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partialOf } from './forward-partial-success.ts'

const json = (value: unknown) => partialOf(Buffer.from(JSON.stringify(value)), true)

describe('what an endpoint says of a request that it took', () => {
  it.each([
    [{}, undefined],
    [{ partialSuccess: null }, undefined],
    [{ partialSuccess: {} }, undefined],
    [{ partialSuccess: { rejectedSpans: '0', errorMessage: '' } }, undefined],
    [{ partialSuccess: { rejectedDataPoints: '7', errorMessage: 'no' } }, { rejected: 7, message: 'no' }],
    [{ partialSuccess: { rejectedLogRecords: 3 } }, { rejected: 3, message: '' }],
    [{ partialSuccess: { errorMessage: 'only\na warning' } }, { rejected: 0, message: 'only a warning' }],
    [{ partialSuccess: { rejectedSpans: '-4' } }, undefined],
    [{ partialSuccess: { rejectedSpans: 'many' } }, undefined],
    [{ partialSuccess: 'yes' }, undefined],
    [[], undefined],
  ])('reads %j', (value, partial) => {
    expect(json(value)).toEqual(partial)
  })

  it('reads protobuf, fields that it does not know among it', () => {
    expect(partialOf(Buffer.of(0x10, 1, 0x0a, 6, 0x18, 9, 0x08, 0xac, 0x02, 0x20, 0), false)).toBeUndefined()
    expect(partialOf(Buffer.of(0x10, 1, 0x0a, 7, 0x18, 9, 0x08, 0xac, 0x02, 0x20, 0), false)).toEqual({
      rejected: 300,
      message: '',
    })
    // -1 as int64.
    const minusOne = [0x08, ...Array<number>(9).fill(0xff), 1]
    expect(partialOf(Buffer.of(0x0a, minusOne.length, ...minusOne), false)).toBeUndefined()
  })

  it('makes a short printable line of anything, or nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (answer, isJson) => {
        const partial = partialOf(answer, isJson)
        if (partial === undefined) return
        expect(partial.rejected).toBeGreaterThanOrEqual(0)
        expect(Number.isInteger(partial.rejected)).toBe(true)
        expect(partial.message).toMatch(/^[ -~]{0,200}$/)
      }),
      { seed: 4 },
    )
  })
})
