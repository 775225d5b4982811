import type { DetectorSpec } from './create.ts'
import { defaultEnsemble, dynamicPcaSpec, ewmaSpec, regressionSpec } from './ensemble/default.ts'
import type { Feature } from './feature.ts'
import type { History } from './history.ts'
import { majorityEnsemble } from './majority/default.ts'
import type { PanelMember } from './online/panel.ts'

export interface DefaultOptions {
  readonly features: readonly Feature[]
  /** Vectors after which what was learned weighs half. */
  readonly halfLife: number
  readonly seed: number
}

/** Vectors without trouble after which it is over, of a stream of one feature. */
const REST = 60
/** Numbers that are remembered of what was seen, and vectors at the least. */
const REMEMBERED = { numbers: 4096, vectors: 512 }

const remembered = (features: readonly Feature[]) =>
  Math.max(REMEMBERED.vectors, Math.floor(REMEMBERED.numbers / features.length))

/**
 * Every detector by the name that it has in configuration and on the command line, with the options it gets when none are given. `ensemble`
 * is another one for a single feature than for several.
 */
const SPECS = {
  // One feature has no others to go with: there it is what was never seen, told at its beginning.
  ensemble: ({ features, halfLife }: DefaultOptions) =>
    features.length === 1
      ? { kind: 'novelty', features, memory: remembered(features), rest: REST }
      : defaultEnsemble(features, halfLife),
  majority: ({ features, halfLife, seed }: DefaultOptions) => majorityEnsemble(features, { halfLife, seed }),
  robust: ({ features, halfLife }: DefaultOptions) => ({ kind: 'robust', features, halfLife, minimum: 30 }),
  percentile: ({ features, halfLife }: DefaultOptions) => ({
    kind: 'percentile',
    features,
    share: 0.01,
    halfLife,
  }),
  ewma: ({ features, halfLife }: DefaultOptions) => ewmaSpec(features, halfLife),
  innovation: ({ features, halfLife }: DefaultOptions) => ({
    kind: 'innovation',
    features,
    span: 10,
    halfLife,
  }),
  stretch: ({ features, halfLife }: DefaultOptions) => ({ kind: 'stretch', features, span: 6, halfLife }),
  seasonal: ({ features, halfLife }: DefaultOptions) => ({
    kind: 'seasonal',
    features,
    bins: 48,
    halfLife,
    memory: 7,
  }),
  regression: ({ features, halfLife }: DefaultOptions) => regressionSpec(features, halfLife, 'value'),
  'regression-change': ({ features, halfLife }: DefaultOptions) =>
    regressionSpec(features, halfLife, 'change'),
  'isolation-forest': ({ features, seed }: DefaultOptions) => ({ kind: 'isolation-forest', features, seed }),
  lof: ({ features, seed }: DefaultOptions) => ({ kind: 'lof', features, seed }),
  hbos: ({ features, halfLife }: DefaultOptions) => ({
    kind: 'hbos',
    features,
    bins: 20,
    edges: 'dynamic',
    halfLife,
  }),
  'k-means': ({ features, seed }: DefaultOptions) => ({ kind: 'k-means', features, clusters: 8, seed }),
  pca: ({ features }: DefaultOptions) => ({ kind: 'pca', features, variance: 0.9 }),
  'subsequence-pca': ({ features }: DefaultOptions) => ({
    kind: 'subsequence-pca',
    features,
    window: 10,
    variance: 0.9,
  }),
  'dynamic-pca': ({ features, halfLife }: DefaultOptions) => dynamicPcaSpec(features, halfLife, 'value'),
  'dynamic-pca-change': ({ features, halfLife }: DefaultOptions) =>
    dynamicPcaSpec(features, halfLife, 'change'),
  novelty: ({ features }: DefaultOptions) => ({ kind: 'novelty', features, memory: remembered(features) }),
  'half-space-trees': ({ features, seed }: DefaultOptions) => ({ kind: 'half-space-trees', features, seed }),
} satisfies Record<string, (options: DefaultOptions) => DetectorSpec>

export type DetectorName = keyof typeof SPECS

export const isDetectorName = (name: string): name is DetectorName => Object.hasOwn(SPECS, name)

export const DETECTOR_NAMES: readonly DetectorName[] = Object.keys(SPECS).filter(isDetectorName)

export function defaultSpec(name: DetectorName, options: DefaultOptions): DetectorSpec {
  return SPECS[name](options)
}

/** Vectors after which the background that scores are taken relative to weighs half. */
const BACKGROUND = 5000

/** Shares of the false alarms of innovation, stretch and ensemble. */
const YOUNG = [0.6, 0.3, 0.1] as const
const GROWN = [0.3, 0.1, 0.6] as const
/** From so much history on, each hour of the day was seen twice. */
const SEEN_TWICE_MS = 2 * 86_400_000

/**
 * The panel that needs no setting, for vectors that come every few seconds or minutes: what the latest values do not foretell, stretches
 * that stand still, and the ensemble for what builds up slowly and does not go together, which has most of the say once two days were
 * seen. Levels by themselves have none, since those of a morning are all new to who has seen a night: they tell only whether a value is
 * far off by itself.
 *
 * @param learnedMs time that the history spans from which it learns
 */
export function defaultPanel(options: DefaultOptions, learnedMs: number): PanelMember[] {
  const member = (name: DetectorName, weight: number): PanelMember => ({
    name,
    detector: defaultSpec(name, options),
    background: BACKGROUND,
    weight,
  })
  const [innovation, stretch, ensemble] = learnedMs < SEEN_TWICE_MS ? YOUNG : GROWN
  return [
    member('innovation', innovation),
    member('stretch', stretch),
    member('ensemble', ensemble),
    member('robust', 0),
  ]
}

/** Part of the range, or of the value of a constant, below which a column's deviation is not believed. */
const FLOOR = 0.01

/** Features of columns of which nothing is known but their values: what is too small to matter is told by their range. */
export function plainFeatures(names: readonly string[], history: History): Feature[] {
  return names.map((name, column) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (let row = 0; row < history.count; row++) {
      const value = history.values[row * history.width + column]!
      if (value < low) low = value
      if (value > high) high = value
    }
    const range = high > low ? high / 2 - low / 2 : 0
    const size =
      range > 0
        ? 2 * Math.min(range, Number.MAX_VALUE / 4)
        : Math.max(1, Math.abs(high > Number.NEGATIVE_INFINITY ? high : 1))
    return {
      name,
      direction: 'both',
      transform: 'linear',
      floor: FLOOR * Math.min(size, Number.MAX_VALUE / 4),
    }
  })
}
