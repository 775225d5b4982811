import { describe, expect, it } from 'vitest'
import { SLOT_OF_KEY } from '../../telemetry/span-attributes.ts'
import { slotOfKey } from './span-keys.ts'

function find(text: string): number {
  // Behind and before other bytes, as in a request.
  const bytes = new TextEncoder().encode(`xx${text}yyyy`)
  return slotOfKey(bytes, new DataView(bytes.buffer), 2, new TextEncoder().encode(text).length)
}

describe('slotOfKey', () => {
  it.each([...SLOT_OF_KEY])('%s', (key, slot) => {
    expect(find(key)).toBe(slot)
  })

  it('knows no key that differs in one byte, is cut or goes on', () => {
    for (const key of SLOT_OF_KEY.keys()) {
      for (let i = 0; i < key.length; i++) expect(find(`${key.slice(0, i)}~${key.slice(i + 1)}`)).toBe(-1)
      expect(SLOT_OF_KEY.get(key.slice(0, -1)) ?? -1).toBe(find(key.slice(0, -1)))
      expect(find(`${key}s`)).toBe(-1)
    }
  })

  it.each(['', 'a', 'abc', 'http.route', 'url.scheme', 'x'.repeat(31), 'x'.repeat(200)])('not %j', (key) => {
    expect(find(key)).toBe(-1)
  })
})
