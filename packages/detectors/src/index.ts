export { Calibration } from './calibration/calibration.ts'
export { fitCalibration } from './calibration/fit.ts'
export { Layers } from './codec/layers.ts'
export { decodeModel, encodeModel, type Layer, type LayerData, type Model } from './codec/model.ts'
export { ModelError, type ModelErrorCode } from './codec/model-error.ts'
export { createDetector, type DetectorSpec } from './create.ts'
export {
  DETECTOR_NAMES,
  type DetectorName,
  defaultPanel,
  defaultSpec,
  isDetectorName,
  plainFeatures,
} from './defaults.ts'
export type { Detector, Explanation } from './detector.ts'
export { Adwin } from './drift/adwin.ts'
export type { AdwinOptions } from './drift/adwin-bank.ts'
export { type Circumstances, type Drift, DriftMonitor, type DriftOptions } from './drift/monitor.ts'
export { PageHinkley, type PageHinkleyOptions } from './drift/page-hinkley.ts'
export { DynamicPcaDetector, type DynamicPcaOptions } from './dynamic-pca/dynamic-pca.ts'
export { defaultEnsemble } from './ensemble/default.ts'
export { EnsembleDetector, type EnsembleOptions } from './ensemble/ensemble.ts'
export { EwmaDetector, type EwmaOptions } from './ewma/ewma.ts'
export { type Attribution, partsOf } from './explain/attribution.ts'
export { type KernelShapOptions, kernelShap } from './explain/kernel-shap.ts'
export { type LimeOptions, type LocalLine, localLine } from './explain/lime.ts'
export { type LogitParts, logit, logitParts } from './explain/logit-parts.ts'
export { logitShap } from './explain/logit-shap.ts'
export { treeShap } from './explain/tree-shap.ts'
export type { Trees } from './explain/trees.ts'
export { type Seen, sentence, type Wording } from './explain/words.ts'
export type { Feature, Samples } from './feature.ts'
export { augursForecaster } from './forecast/augurs.ts'
export { ForecastDetector, type ForecastOptions } from './forecast/forecast.ts'
export type { Forecast, Forecaster } from './forecast/forecaster.ts'
export { smoothing } from './forecast/smoothing.ts'
export {
  HalfSpaceTreesDetector,
  type HalfSpaceTreesOptions,
} from './half-space-trees/half-space-trees.ts'
export { HbosDetector, type HbosOptions } from './hbos/hbos.ts'
export { History } from './history.ts'
export { InnovationDetector, type InnovationOptions } from './innovation/innovation.ts'
export {
  IsolationForestDetector,
  type IsolationForestOptions,
} from './isolation-forest/isolation-forest.ts'
export { KMeansDetector, type KMeansOptions } from './k-means/k-means.ts'
export { LofDetector, type LofOptions } from './lof/lof.ts'
export { majorityEnsemble } from './majority/default.ts'
export { MajorityDetector, type MajorityOptions } from './majority/majority.ts'
export { initialWeights } from './network/initial.ts'
export { networkLoss } from './network/loss.ts'
export { NetworkDetector, type NetworkOptions } from './network/network.ts'
export {
  type AutoencoderSpec,
  type LstmSpec,
  type NetworkSpec,
  networkSpec,
  specText,
  type TcnSpec,
  type WeightLayer,
  weightCount,
  weightLayers,
} from './network/spec.ts'
export { standardised } from './network/standardised.ts'
export { decodeWeights, encodeWeights, makeWeights, type Weights } from './network/weights.ts'
export { NoveltyDetector, type NoveltyOptions } from './novelty/novelty.ts'
export { budgetThreshold, vectorsPerDay } from './online/budget.ts'
export type { CalibratedDetector } from './online/calibrated-detector.ts'
export { Learner, type LearnerOptions, type Stopwatch } from './online/learner.ts'
export { calibratedMember } from './online/member.ts'
export {
  type Detection,
  OnlineDetector,
  type OnlineOptions,
  type OnlineStatistics,
} from './online/online-detector.ts'
export { type Judgement, type PanelMember, panelSeverity } from './online/panel.ts'
export { buffersOf, type TrainingJob, type TrainingResult, train } from './online/training.ts'
export { PcaDetector, type PcaOptions } from './pca/pca.ts'
export { PercentileDetector, type PercentileOptions } from './percentile/percentile.ts'
export { RegressionDetector, type RegressionOptions } from './regression/regression.ts'
export { RobustDetector, type RobustOptions } from './robust/robust.ts'
export { type Rule, RulesDetector, ruleScore } from './rules/rules.ts'
export { SeasonalDetector, type SeasonalOptions } from './seasonal/seasonal.ts'
export { QuantileSketch } from './sketch/quantile-sketch.ts'
export { exponential, normal, poisson, type Rng, seeded } from './statistics/sampling.ts'
export { transientLength } from './statistics/transient.ts'
export { SubsequencePcaDetector, type SubsequencePcaOptions } from './subsequence-pca/subsequence-pca.ts'
export type { Classifier, ClassWeights } from './supervised/classifier.ts'
export {
  CLASSIFIER_NAMES,
  type ClassifierJob,
  type ClassifierName,
  createClassifier,
  fitClassifier,
} from './supervised/create.ts'
export { type Labelled, LabelledSet, type LabelledSetOptions } from './supervised/labelled-set.ts'
export { LinearSvm, type LinearSvmOptions } from './supervised/linear-svm.ts'
export { RandomForest, type RandomForestOptions } from './supervised/random-forest.ts'
export { rerank } from './supervised/rerank.ts'
export {
  anomalyType,
  type Course,
  type Family,
  familyOf,
  follow,
  type NamedType,
  type Sight,
} from './type/anomaly-type.ts'
export { StretchDetector, type StretchOptions } from './type/stretch.ts'
