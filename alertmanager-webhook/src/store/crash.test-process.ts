import { alertId, notification, sampleAlert, sampleWord } from './sample.test-data.ts'
import { openSqliteStore } from './sqlite.ts'

/** Writes without end, and prints the number of each write that was acknowledged. */
const store = await openSqliteStore({ path: process.argv[2] ?? '' })
let next = 1
const work = async () => {
  for (;;) {
    const n = next++
    await store.alerts.notified(notification(sampleAlert(n)), n)
    await store.feedback.give(
      sampleWord(n, { alertId: alertId(n) }),
      { nonce: `nonce-${n}`, expiresMs: n },
      [],
    )
    process.stdout.write(`${n}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, work))
