import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { alertId, sampleWord, wordId } from './sample.test-data.ts'
import { openSqliteStore } from './sqlite.ts'

test('what was acknowledged is there after SIGKILL, as a whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'adf-webhook-crash-'))
  const path = join(folder, 'webhook.db')
  try {
    const script = fileURLToPath(new URL('./crash.test-process.ts', import.meta.url))
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const acknowledged: number[] = []
    for await (const line of createInterface(child.stdout)) {
      acknowledged.push(Number(line))
      if (acknowledged.length === 200) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')
    expect(acknowledged.length).toBeGreaterThanOrEqual(200)

    const store = await openSqliteStore({ path })
    for (const n of acknowledged) {
      expect(await store.alerts.get(alertId(n))).toMatchObject({ verdict: 'true_positive' })
      expect(await store.feedback.get(wordId(n))).toMatchObject({ alert_id: alertId(n) })
      expect(await store.links.usedMs(`nonce-${n}`)).toBe(sampleWord(n).givenMs)
    }
    // A word without its link, or a link without its word, would be half a write.
    const { items } = await store.feedback.page({ limit: 500 })
    for (const { id } of items) {
      const n = Number(id.slice(-12))
      expect(await store.links.usedMs(`nonce-${n}`)).toBeDefined()
      expect(await store.alerts.get(alertId(n))).toMatchObject({ verdict: 'true_positive' })
    }
    await store.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 120_000)
