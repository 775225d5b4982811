import { register as alerts } from './commands/alerts.ts'
import { register as config } from './commands/config.ts'
import { register as db } from './commands/db.ts'
import { register as demo } from './commands/demo.ts'
import { register as doctor } from './commands/doctor.ts'
import { register as federation } from './commands/federation.ts'
import { register as feedback } from './commands/feedback.ts'
import { register as generate } from './commands/generate.ts'
import { register as graph } from './commands/graph.ts'
import { register as incident } from './commands/incident.ts'
import { register as rca } from './commands/rca.ts'
import { register as replay } from './commands/replay.ts'
import { register as score } from './commands/score.ts'
import { register as shop } from './commands/shop.ts'
import { register as simulate } from './commands/simulate.ts'
import { register as slo } from './commands/slo.ts'
import { register as thresholds } from './commands/thresholds.ts'
import { register as token } from './commands/token.ts'
import { register as up } from './commands/up.ts'
import { register as webhook } from './commands/webhook.ts'
import { createProgram, runProgram } from './program/program.ts'

// In the order of the help.
const commands = [
  up,
  demo,
  shop,
  doctor,
  incident,
  slo,
  feedback,
  thresholds,
  replay,
  score,
  rca,
  graph,
  generate,
  simulate,
  federation,
  db,
  webhook,
  alerts,
  config,
  token,
]

process.exitCode = await runProgram(createProgram(commands), process.argv.slice(2))
