import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { LogColumns } from '../telemetry/columns.ts'
import { ReverseWriter } from '../telemetry/protobuf/writer.ts'
import { createTables } from '../telemetry/tables.ts'
import { LogMining } from './log-mining.ts'
import { BodyScanner } from './scan-body.ts'

/** An OTLP KeyValueList of texts. */
function list(pairs: Readonly<Record<string, string>>): Uint8Array {
  const writer = new ReverseWriter()
  for (const [key, text] of Object.entries(pairs).reverse()) {
    const end = writer.length
    const value = writer.length
    writer.text(text)
    writer.varint(writer.length - value)
    writer.tag(1, 2)
    writer.varint(writer.length - value)
    writer.tag(2, 2)
    const name = writer.length
    writer.text(key)
    writer.varint(writer.length - name)
    writer.tag(1, 2)
    writer.varint(writer.length - end)
    writer.tag(1, 2)
  }
  return writer.finish()
}

const scan = (bytes: Uint8Array, map: boolean) => {
  const line = new BodyScanner(4096).scan(bytes, 0, bytes.length, map)
  return [...line.words.subarray(0, line.length)]
}

it.each([
  { message: 'cart 7 is full', level: 'warn', user: 'ann' },
  { state: 'failed', path: '/a/b', trace_id: 'abc' },
])('a map is flattened as the same in JSON is: %o', (pairs) => {
  expect(scan(list(pairs), true)).toEqual(scan(new TextEncoder().encode(JSON.stringify(pairs)), false))
})

it('a map that is cut gives what is before the fault', () => {
  const bytes = list({ level: 'warn', message: 'cart is full' })
  for (let end = 0; end < bytes.length; end++)
    expect(() => new BodyScanner(4096).scan(bytes, 0, end, true)).not.toThrow()
})

it('the mined batch has a template for a body that is a map', () => {
  const registry = new Registry()
  const tables = createTables({ max_strings: 100, max_resources: 10, max_services: 10 }, registry)
  const batch = new LogColumns(tables.strings)
  batch.bytes = list({ message: 'cart 7 is full' })
  batch.resources.push(tables.resources.intern(new Map([['service.name', 'cart']])))
  batch.bodyEnd[0] = batch.bytes.length
  batch.bodyMap[0] = 1
  batch.length = 1
  const limits = {
    max_templates: 10,
    max_templates_per_service: 10,
    max_transitions: 10,
    max_exceptions: 10,
    max_open_spans: 16,
    max_line: 1000,
  }
  const mining = new LogMining(limits, { slot: 5000, history: 60_000 }, registry)
  mining.logs(batch, 1000)
  expect(mining.templates('cart')).toMatchObject([{ text: 'cart <*> is full', example: 'cart 7 is full' }])
})
