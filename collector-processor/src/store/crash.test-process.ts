import { sampleAnomaly, sampleIncident, sampleVerdict } from './sample.test-data.ts'
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
    ])
    process.stdout.write(`${n}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, work))
