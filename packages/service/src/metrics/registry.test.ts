import { once } from 'node:events'
import { createServer } from 'node:http'
import express from 'express'
import { Counter } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { createRegistry, metricsHandler } from './registry.ts'

async function scrape(
  registry: ReturnType<typeof createRegistry>,
): Promise<{ type: string | null; text: string }> {
  const server = createServer(express().get('/metrics', metricsHandler(registry)))
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  return { type: response.headers.get('content-type'), text: await response.text() }
}

test('serves process metrics and our own in the Prometheus format', async () => {
  const registry = createRegistry()
  new Counter({ name: 'adf_things_total', help: 'things', registers: [registry] }).inc(3)
  const { type, text } = await scrape(registry)
  expect(type).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(text).toMatch(/^adf_things_total 3$/m)
  expect(text).toMatch(/^process_cpu_seconds_total \d/m)
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
})

test('only counters are called _total, as promtool wants it', async () => {
  const { text } = await scrape(createRegistry())
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  expect(types.length).toBeGreaterThan(20)
  expect(types.filter(([, name, type]) => name?.endsWith('_total') && type !== 'counter')).toEqual([])
})

test('registries are apart, and can be without process metrics', async () => {
  const [one, other] = [createRegistry({ processMetrics: false }), createRegistry({ processMetrics: false })]
  new Counter({ name: 'adf_one_total', help: 'one', registers: [one] })
  expect((await scrape(other)).text.trim()).toBe('')
  expect((await scrape(one)).text).toContain('adf_one_total 0')
})
