import { describe, expect, it } from 'vitest'
import { Assembly } from './assembly.ts'

const chunks = () => [Buffer.from('one '), Buffer.from('two '), Buffer.from('three')]

describe('Assembly', () => {
  it.each([true, false])('puts chunks together and leaves none in their list (kept: %s)', (keep) => {
    const list = chunks()
    expect(new Assembly(keep).join(list).toString()).toBe('one two three')
    expect(list).toEqual([])
  })

  it('gives a single chunk as it is', () => {
    const [chunk = Buffer.alloc(0)] = chunks()
    const list = [chunk]
    expect(new Assembly(false).join(list)).toBe(chunk)
    expect(list).toEqual([])
  })

  it('uses its buffer again unless what it gave is kept', () => {
    const [passing, keeping] = [new Assembly(false), new Assembly(true)]
    const [first, kept] = [passing.join(chunks()), keeping.join(chunks())]
    const next = [Buffer.from('ONE '), Buffer.from('TWO '), Buffer.from('THREE')]
    expect(passing.join([...next]).buffer).toBe(first.buffer)
    keeping.join(next)
    expect(kept.toString()).toBe('one two three')
  })

  it('has no buffer for giants', () => {
    const giant = [Buffer.alloc(4 * 2 ** 20, 1), Buffer.alloc(1, 2)]
    const assembly = new Assembly(false)
    const first = assembly.join([...giant])
    expect([first.length, first.at(-1)]).toEqual([4 * 2 ** 20 + 1, 2])
    expect(assembly.join(giant).buffer).not.toBe(first.buffer)
  })
})
