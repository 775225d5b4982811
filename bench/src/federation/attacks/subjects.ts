import { Config } from '@adf/federation-server'
import { type ServerSettings, settingsOf } from '@adf/federation-server/simulation'

/** A configuration of the server, as its operator would write it, against which attacks are run. */
export interface Subject {
  readonly name: string
  readonly settings: ServerSettings
  /** Trusted clients beside the others: the root of `fl_trust`. */
  readonly trusted: number
}

const TRUSTED = 3

/** What a loss is counted against: the plain mean, nothing held back. */
export const plain = subject('fed_avg', { pre_steps: [], rule: 'fed_avg', faulty: 0 }, false)

const rules = [
  'clipped_mean',
  'coordinate_median',
  'trimmed_mean',
  'geometric_median',
  'krum',
  'multi_krum',
  'bulyan',
] as const

/**
 * The server's default; with a root set of three trusted sites the same and FLTrust with the detector; each rule by itself, with nothing before it and nothing held
 * back; and what could be the default instead.
 */
export const subjects: readonly Subject[] = [
  subject('adf', {}, true),
  subject('adf-trusted', {}, true, TRUSTED),
  subject('adf-root', { pre_steps: [], rule: 'fl_trust' }, true, TRUSTED),
  plain,
  ...rules.map((rule) => subject(rule, { pre_steps: [], rule }, false)),
  subject('fl_trust', { pre_steps: [], rule: 'fl_trust' }, false, TRUSTED),
  subject('clipped_mean+detector', { pre_steps: [], rule: 'clipped_mean' }, true),
  subject(
    'mixing+trimmed_mean+detector',
    { pre_steps: ['norm_clipping', 'nearest_neighbour_mixing'], rule: 'trimmed_mean' },
    true,
  ),
]

function subject(name: string, aggregation: object, detector: boolean, trusted = 0): Subject {
  const { federated } = Config.parse({
    federated: { aggregation, poisoning_detection: { enabled: detector }, runs: { attacked: {} } },
  })
  return { name, settings: settingsOf(federated, federated.runs['attacked']!), trusted }
}
