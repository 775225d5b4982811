import { describe, expect, test } from 'vitest'
import { builtVariant, variantNeeds } from '../harness/collector.ts'
import { kafkaNeeds } from '../harness/kafka.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'
import { damage, runChaos } from './chaos.ts'

const collector = builtVariant('full')

describe.skipIf(collector === undefined)(
  `with Kafka${collector === undefined ? ` (skipped: ${variantNeeds('full')})` : ''}`,
  () => {
    describeWith(
      kafkaNeeds() ?? needs('prometheus', 'alertmanager', 'postgresql'),
      'a minute of chaos',
      () => {
        test('nothing that was acknowledged is lost, or there twice', async () => {
          const report = await runChaos({
            collector: collector ?? '',
            durationMs: 60_000,
            everyMs: 10_000,
            seed: 2,
            progress: () => {},
          })
          expect(report.kills.length).toBeGreaterThan(1)
          expect(report.outliers).toBeGreaterThan(10)
          expect(report.verdicts_acknowledged).toBeGreaterThan(1)
          expect({ ...report, damage: damage(report) }).toMatchObject({
            anomalies_lost: [],
            anomalies_twice: [],
            verdicts_lost: [],
            verdicts_twice: [],
            damage: 0,
          })
        }, 1_800_000)
      },
    )
  },
)
