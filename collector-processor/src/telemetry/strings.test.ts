import { describe, expect, it } from 'vitest'
import { createStringTable, EMPTY, OTHER } from './strings.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

describe('string table', () => {
  it('gives one id to one text, as bytes or as string, at any offset', () => {
    const table = createStringTable(10)
    const bytes = utf8('..GET /checkout..')
    const id = table.internBytes(bytes, 2, bytes.length - 2)
    expect(table.intern('GET /checkout')).toBe(id)
    expect(table.internBytes(utf8('GET /checkout'), 0, 13)).toBe(id)
    expect(table.get(id)).toBe('GET /checkout')
    expect(table.intern('GET /checkouT')).not.toBe(id)
  })

  it('has the empty string and (other) from the start', () => {
    const table = createStringTable(10)
    expect([table.intern(''), table.intern('(other)')]).toEqual([EMPTY, OTHER])
    expect([table.get(EMPTY), table.get(OTHER)]).toEqual(['', '(other)'])
  })

  it('keeps up to the limit; later strings become (other) and are counted, known ones keep their id', () => {
    const table = createStringTable(1000)
    const ids = Array.from({ length: 1000 }, (_, i) => table.intern(`name ${i}`))
    expect(new Set(ids).size).toBe(1000)
    expect(table.overflowed).toBe(0)
    expect(table.intern('one too many')).toBe(OTHER)
    expect(table.intern('another')).toBe(OTHER)
    expect(table.overflowed).toBe(2)
    expect(ids.map((id) => table.get(id))).toEqual(ids.map((_, i) => `name ${i}`))
    expect(table.intern('name 500')).toBe(ids[500])
  })

  it('reads invalid UTF-8 with U+FFFD, under the id of that text', () => {
    const table = createStringTable(10)
    const id = table.internBytes(Uint8Array.of(0x61, 0xff, 0x62), 0, 3)
    expect(table.get(id)).toBe('a\uFFFDb')
    expect(table.intern('a\uFFFDb')).toBe(id)
    expect(table.internBytes(Uint8Array.of(0x61, 0xfe, 0x62), 0, 3)).toBe(id)
  })

  it('cuts long strings at a whole character', () => {
    const table = createStringTable(10)
    const text = table.get(table.intern(`${'é'.repeat(600)}x`))
    expect(text).toBe('é'.repeat(512))
    const bytes = utf8(`x${'é'.repeat(600)}`)
    expect(table.get(table.internBytes(bytes, 0, bytes.length))).toBe(`x${'é'.repeat(511)}`)
  })

  it('bounds the bytes kept, whatever their number', () => {
    const table = createStringTable(100)
    const ids = Array.from({ length: 100 }, (_, i) => table.intern(`${i}`.padEnd(1024, '.')))
    expect(ids.filter((id) => id !== OTHER).length).toBeLessThan(30)
    expect(table.overflowed).toBeGreaterThan(70)
  })

  it('gives a kind of string that may be of any number its share of the room', () => {
    const table = createStringTable(100, 1)
    const intern = (text: string, share?: number) => {
      const bytes = new TextEncoder().encode(text)
      return table.internBytes(bytes, 0, bytes.length, share)
    }
    for (let i = 0; i < 500; i++) intern(`GET /order/${i}`, 0.5)
    expect(table.size).toBe(52)
    expect(table.get(intern('orders-db'))).toBe('orders-db')
    expect(table.get(intern('orders-db', 0.5))).toBe('orders-db')
    expect(table.get(intern('GET /new', 0.5))).toBe('(other)')
  })
})
