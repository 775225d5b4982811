/** What of the configuration concerns a member. */
interface MemberConfig {
  readonly kafka: {
    readonly member?: string | undefined
    readonly brokers: readonly string[]
    readonly topics: { readonly spans: string; readonly logs: string; readonly edges: string }
  }
  readonly store: { readonly url?: string | undefined }
  readonly edge: {
    readonly detection: { readonly detectors: readonly string[]; readonly compare: readonly string[] }
  }
  readonly federation: { readonly enabled: boolean }
  readonly slo: {
    readonly files: readonly string[]
    readonly objectives: readonly unknown[]
    readonly services: object
  }
}

const NETWORKS = ['autoencoder', 'lstm', 'tcn']
const WHOLE = 'is for a processor without kafka.member, on a schema of its own (docs/kafka.md)'

/** What `kafka.member` cannot be together with. */
export function memberFaults({
  kafka,
  store,
  edge,
  federation,
  slo,
}: MemberConfig): { path: string[]; message: string }[] {
  if (kafka.member === undefined) return []
  const { detectors, compare } = edge.detection
  const networks = [...detectors, ...compare].filter((name) => NETWORKS.includes(name))
  const objectives = slo.files.length + slo.objectives.length + Object.keys(slo.services).length
  const rules: [boolean, string[], string][] = [
    [kafka.brokers.length === 0, ['kafka', 'brokers'], 'is required with kafka.member'],
    [
      store.url === undefined,
      ['store', 'url'],
      'is required with kafka.member: members share a schema of PostgreSQL',
    ],
    [
      (kafka.topics.spans !== '' || kafka.topics.logs !== '') && kafka.topics.edges === '',
      ['kafka', 'topics', 'edges'],
      'is required with kafka.member and spans or logs: by it members tell each other what these add (docs/kafka.md)',
    ],
    [networks.length > 0, ['edge', 'detection', 'detectors'], `${networks.join(', ')} ${WHOLE}`],
    [federation.enabled, ['federation', 'enabled'], WHOLE],
    [objectives > 0, ['slo'], WHOLE],
  ]
  return rules.flatMap(([broken, path, message]) => (broken ? [{ path, message }] : []))
}
