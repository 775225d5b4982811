import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Layers } from './layers.ts'
import { decodeModel, encodeModel, type Model } from './model.ts'

const model: Model = {
  kind: 'test',
  version: 3,
  layers: new Map([
    ['w', { data: Float64Array.of(1, Number.NaN, -0, 1e308, 5e-324, 2), shape: [2, 3] }],
    ['s', { data: Float32Array.of(0.1) }],
    ['h', { data: Float16Array.of(0.1, -3) }],
    ['u', { data: Uint32Array.of(4294967295) }],
    ['i', { data: Int32Array.of(-1) }],
    ['b', { data: Uint8Array.of(1, 2, 3) }],
    ['t', { data: 'Grüße' }],
    ['empty', { data: new Float64Array(0) }],
  ]),
}

/** Bytes with a right checksum again. */
function sealed(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer).setUint32(12, crc32(bytes.subarray(16)), true)
  return bytes
}

describe('model file', () => {
  it('comes back as it was', () => {
    const back = decodeModel(encodeModel(model))
    expect([back.kind, back.version]).toEqual(['test', 3])
    for (const [name, layer] of model.layers) expect(back.layers.get(name)?.data).toEqual(layer.data)
    expect(back.layers.get('w')?.shape).toEqual([2, 3])
  })

  it('comes back from a Buffer in the middle of a larger one, as databases give it', () => {
    const bytes = encodeModel(model)
    const pooled = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(5)])
    const back = decodeModel(pooled.subarray(3, 3 + bytes.length))
    for (const [name, layer] of model.layers) expect(back.layers.get(name)?.data).toEqual(layer.data)
  })

  it('is laid out as documented', () => {
    const layers = new Map([['ab', { data: Float64Array.of(1) }]])
    const bytes = encodeModel({ kind: 'k', version: 1, layers })
    const crc = [...new Uint8Array(Uint32Array.of(crc32(bytes.subarray(16))).buffer)]
    expect([...bytes]).toEqual([
      ...[0x41, 0x44, 0x46, 0x4d, 1, 0, 1, 0, 56, 0, 0, 0, ...crc, 1, 0, 1, 0, 0, 0, 0, 0],
      ...[0x6b, 0, 0, 0],
      ...[0, 1, 2, 0, 48, 0, 0, 0, 1, 0, 0, 0, 0x61, 0x62, 0, 0],
      ...[0, 0, 0, 0],
      ...[0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
    ])
  })

  it('can be read from the middle of a larger buffer', () => {
    const bytes = encodeModel(model)
    const larger = new Uint8Array(bytes.length + 7)
    larger.set(bytes, 3)
    expect(decodeModel(larger.subarray(3, 3 + bytes.length)).layers.get('w')?.data).toEqual(
      model.layers.get('w')?.data,
    )
  })

  const patched = (at: number, value: number) => {
    const bytes = encodeModel(model)
    bytes[at] = value
    return bytes
  }
  it.each([
    ['not_a_model', new Uint8Array(3)],
    ['not_a_model', patched(0, 0)],
    ['unsupported_version', patched(4, 9)],
    ['truncated', encodeModel(model).subarray(0, 20)],
    ['truncated', encodeModel(model).subarray(0, 100)],
    ['corrupt', patched(60, 255)],
    ['corrupt', sealed(patched(28, 99))],
    ['corrupt', sealed(patched(29, 200))],
    ['corrupt', sealed(patched(6, 255))],
    ['corrupt', sealed(patched(35, 255))],
    ['corrupt', sealed(patched(36, 255))],
  ])('is refused as %s', (code, bytes) => {
    expect(() => decodeModel(bytes)).toThrow(expect.objectContaining({ name: 'ModelError', code }))
  })

  it('is refused by a reader of another kind, version, type or length', () => {
    const bytes = encodeModel(model)
    const foreign = expect.objectContaining({ code: 'foreign' })
    expect(() => new Layers(bytes, 'other', 3)).toThrow(foreign)
    expect(() => new Layers(bytes, 'test', 4)).toThrow(
      expect.objectContaining({ code: 'unsupported_version' }),
    )
    const layers = new Layers(bytes, 'test', 3)
    expect(() => layers.float64('s')).toThrow(foreign)
    expect(() => layers.float64('w', 5)).toThrow(foreign)
    expect(() => layers.bytes('none')).toThrow(foreign)
    expect(() => layers.same('t', 'Gruss')).toThrow(foreign)
  })

  it('refuses to write a shape that does not fit', () => {
    const layers = new Map([['w', { data: Float64Array.of(1, 2), shape: [3] }]])
    expect(() => encodeModel({ kind: 'k', version: 1, layers })).toThrow(RangeError)
  })
})
