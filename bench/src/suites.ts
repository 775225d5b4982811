import { attacks } from './federation/attacks/attacks.ts'
import { fuzz } from './federation/fuzz/fuzz.ts'
import { kill } from './federation/kill/kill.ts'
import { privacy } from './federation/privacy/privacy.ts'
import { rounds } from './federation/rounds/rounds.ts'
import { scale } from './federation/scale/scale.ts'
import { warmStart } from './federation/warm-start/warm-start.ts'
import { api as apiFuzz, decoders, otlp as otlpFuzz } from './fuzz/fuzz.ts'
import { calibration } from './quality/calibration/calibration.ts'
import { detection } from './quality/detection/detection.ts'
import { graph } from './quality/graph.ts'
import { logTemplates } from './quality/log-templates/log-templates.ts'
import { rca } from './quality/rca/rca.ts'
import { shop } from './quality/shop/shop.ts'
import { generatedFiles } from './quality/simulated/generated.ts'
import { simulatedStreams } from './quality/simulated/streams.ts'
import { stress } from './quality/stress/stress.ts'
import { cardinality } from './speed/cardinality/cardinality.ts'
import { causalGraph } from './speed/graph/graph.ts'
import { forward, ingest } from './speed/ingest/ingest.ts'
import { latency } from './speed/latency/latency.ts'
import { logs } from './speed/logs/logs.ts'
import { overload } from './speed/overload/overload.ts'
import { page } from './speed/page/page.ts'
import { rcaSpeed } from './speed/rca/rca.ts'
import { scaling } from './speed/scaling/scaling.ts'
import { scoring } from './speed/scoring/scoring.ts'
import { soak } from './speed/soak/soak.ts'
import { webhook } from './speed/webhook/webhook.ts'
import type { Benchmark } from './suite.ts'
import { tuning } from './thresholds/thresholds.ts'

/** Every benchmark there is. */
export const benchmarks: readonly Benchmark[] = [
  rca,
  graph,
  detection,
  calibration,
  generatedFiles,
  simulatedStreams,
  stress,
  shop,
  logTemplates,
  ingest,
  forward,
  causalGraph,
  latency,
  logs,
  page,
  rcaSpeed,
  scaling,
  scoring,
  webhook,
  cardinality,
  overload,
  soak,
  attacks,
  scale,
  kill,
  fuzz,
  rounds,
  privacy,
  warmStart,
  decoders,
  otlpFuzz,
  apiFuzz,
  tuning,
]
