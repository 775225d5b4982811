import { sampleAnomaly, sampleIncident, sampleVerdict, sampleWish } from './sample.test-data.ts'
import { openSqliteStore } from './sqlite.ts'

/** Writes without end, and prints the number of each write that was acknowledged. */
const store = await openSqliteStore({ path: process.argv[2] ?? '', clock: Date.now })
let next = 1
const work = async () => {
  for (;;) {
    const n = next++
    await Promise.all([
      store.anomalies.add(sampleAnomaly(n)),
      store.incidents.save(sampleIncident(n)),
      store.verdicts.give(sampleVerdict(n, { incident_id: sampleIncident(n).id })),
      store.thresholds.change(sampleWish(`e${n % 7}`, (n % 200) / 100, { reason: String(n) })),
    ])
    process.stdout.write(`${n}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, work))
