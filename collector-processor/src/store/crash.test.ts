import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { sampleAnomaly, sampleIncident } from './sample.test-data.ts'
import { openSqliteStore } from './sqlite.ts'

test('what was acknowledged is there after SIGKILL', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'adf-crash-'))
  const path = join(folder, 'adf.db')
  try {
    const script = fileURLToPath(new URL('./crash.test-process.ts', import.meta.url))
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const acknowledged: number[] = []
    for await (const line of createInterface(child.stdout)) {
      acknowledged.push(Number(line))
      if (acknowledged.length === 300) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')
    expect(acknowledged.length).toBeGreaterThanOrEqual(300)

    const store = await openSqliteStore({ path, clock: Date.now })
    for (const n of acknowledged) {
      expect(await store.anomalies.get(sampleAnomaly(n).id)).toEqual(sampleAnomaly(n))
      expect(await store.incidents.get(sampleIncident(n).id)).toMatchObject({ verdict: 'true_positive' })
    }
    const log = new Set<string>()
    for (let after = 0, more = true; more; ) {
      const { items, latest } = await store.verdicts.log(after, 500)
      for (const { verdict } of items) log.add(verdict.incident_id ?? '')
      after = items.at(-1)?.cursor ?? after
      more = after < latest && items.length > 0
    }
    for (const n of acknowledged) expect(log).toContain(sampleIncident(n).id)
    // Each change with its version, none without the other, and the last of each entity is what holds.
    const changes = await store.thresholds.since(0, 100_000)
    expect(changes.map(({ version }) => version)).toEqual(changes.map((_, i) => i + 1))
    expect(await store.thresholds.version()).toBe(changes.length)
    const reasons = new Set(changes.map(({ reason }) => Number(reason)))
    for (const n of acknowledged) expect(reasons).toContain(n)
    const last = Map.groupBy(changes, ({ entity_id }) => entity_id)
    for (const { entity_id, value, version } of await store.thresholds.all())
      expect(last.get(entity_id)?.at(-1)).toMatchObject({ to: value, version })
    await store.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
