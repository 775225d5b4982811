import { Graph } from '@adf/contract'
import { expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { until } from '../harness/process.ts'

/** A request that a release of the shop served just now. */
const served = (version: string, id: number) => ({
  resourceSpans: [
    {
      resource: {
        attributes: Object.entries({ 'service.name': 'shop', 'service.version': version }).map(
          ([key, stringValue]) => ({ key, value: { stringValue } }),
        ),
      },
      scopeSpans: [
        {
          spans: [
            {
              traceId: `${id}`.padStart(32, '0'),
              spanId: `${id}`.padStart(16, '0'),
              name: 'GET /',
              kind: 2,
              startTimeUnixNano: `${Date.now() - 20}000000`,
              endTimeUnixNano: `${Date.now() - 10}000000`,
            },
          ],
        },
      ],
    },
  ],
})

async function send(adf: RunningAdf, version: string, id: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${adf.httpPort}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(served(version, id)),
  })
  expect(answer.status).toBe(200)
}

const releases = async (adf: RunningAdf, query = '') =>
  Graph.parse(await adf.json(`/api/graph${query}`)).changes.map(({ from, to }) => [from, to])

test('a deployment is known after a restart, and so is one that happened meanwhile', async () => {
  let adf = await startAdf({ graph: { snapshot_interval: '1s' } })
  try {
    await send(adf, '1', 1)
    for (const [earlier, version] of ['2', '3'].entries()) {
      await send(adf, version, earlier + 2)
      await until('the deployment', async () => (await releases(adf)).length === earlier + 1)
    }
    const told = Date.now()
    await until('a graph that was kept since', async () => {
      const kept = await adf.get(`/api/graph?at=${new Date().toISOString()}`)
      return kept.ok && Date.parse(Graph.parse(await kept.json()).at) > told
    })
    await adf.kill()
    adf = await adf.restart()
    const before = [
      ['1', '2'],
      ['2', '3'],
    ]
    expect(await releases(adf)).toEqual(before)
    await send(adf, '4', 4)
    await until('the next deployment', async () => (await releases(adf)).length === 3)
    expect(await releases(adf)).toEqual([...before, ['3', '4']])
  } finally {
    await adf.stop()
  }
})
