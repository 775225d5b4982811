import { EntityPage, Status } from '@adf/contract'
import { ClientPage } from '@adf/contract/federation'
import { afterEach, expect, test } from 'vitest'
import { startBranch } from './branch.ts'
import { DemoFederation } from './federation.ts'
import { until } from './until.ts'

const program = new URL('../../../packages/cli/bin/adf.mjs', import.meta.url)
const LIMIT_MS = 120_000
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
}, LIMIT_MS)

const ask = async (url: string): Promise<unknown> => (await fetch(url)).json()

test(
  'three sites enrol, have the network of the run, and get events of five servers each',
  async () => {
    const failures: Error[] = []
    const federation = await DemoFederation.start({
      program,
      seed: 3,
      durationMs: LIMIT_MS,
      failed: (error) => failures.push(error),
    })
    stops.push(() => federation.stop())
    // In the place of the processor that watches the shop.
    const shop = await startBranch(program, await federation.invite())
    stops.push(() => shop.stop())
    await federation.open(shop.url)
    expect(federation.branches.map(({ name }) => name)).toEqual(['branch-1', 'branch-2'])
    for (const api of [shop.url, ...federation.branches.map((branch) => branch.api)]) {
      const runs = await until(
        'a look at the run',
        async () => {
          const { federation: site } = Status.parse(await ask(`${api}/api/status`))
          return site !== null && site.runs.length > 0 ? site.runs : undefined
        },
        { timeoutMs: LIMIT_MS },
      )
      expect(runs).toMatchObject([{ run: 'servers', stream: 'server_metrics', last_missed: null }])
      await until(
        'events of each server',
        async () => {
          const page = EntityPage.parse(await ask(`${api}/api/entities?stream=server_metrics`))
          return page.items.length === 5 || undefined
        },
        { timeoutMs: LIMIT_MS },
      )
    }
    const clients = ClientPage.parse(await ask(`${federation.url}/api/clients`))
    expect(clients.items.map(({ name }) => name).sort()).toEqual(['branch-1', 'branch-2', 'shop'])
    await federation.stop()
    await expect(fetch(federation.url)).rejects.toThrow()
    for (const { api } of federation.branches) await expect(fetch(api)).rejects.toThrow()
    expect(failures).toEqual([])
  },
  LIMIT_MS,
)
