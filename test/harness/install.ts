import { collector, collectorNeeds, hasCollector } from './collector.ts'
import { installKafka, kafkaNeeds } from './kafka.ts'
import { installSchemas, schemasNeed } from './kubernetes-schemas.ts'
import { installServers, servers } from './servers.ts'

const say = (text: string) => process.stderr.write(`${text}\n`)

const missing: string[] = []
for (const name of installServers()) {
  missing.push(name)
  const { debianPackage, elsewhere } = servers[name]
  say(`${name} is not here: install Debian's package ${debianPackage} or put it on PATH (${elsewhere}).`)
}
if (hasCollector()) {
  collector(say)
} else {
  missing.push('collector')
  say(collectorNeeds)
}
try {
  installKafka(say)
} catch (error) {
  missing.push('kafka')
  say(`Kafka: ${error instanceof Error ? error.message : String(error)} ${kafkaNeeds() ?? ''}`)
}
// Of what is not there these alone may be left out in CI, too: where Python has no pip, manifests are checked without them.
if (!installSchemas()) say(`Manifests are not checked by schemas: ${schemasNeed}`)
if (missing.length > 0) {
  const inCi = process.env['CI'] !== undefined && process.env['CI'] !== ''
  say(inCi ? 'CI is set, so this is a failure.' : 'The tests that need it are skipped.')
  process.exitCode = inCi ? 1 : 0
}
