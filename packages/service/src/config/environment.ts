import type { z } from 'zod'
import { assignmentLayer } from './assignment.ts'
import { describeConfig } from './describe.ts'
import type { ConfigFault } from './fault.ts'
import type { Layer } from './layer.ts'
import { childOf } from './schema.ts'
import { nearest } from './suggest.ts'

/** Variables that begin with ADF_ and are no keys of the configuration. */
export const otherVariables: Readonly<Record<string, string>> = {
  ADF_CONFIG: 'the configuration file, when --config is not given',
  ADF_DATA: 'folder of the data sets that benchmarks read',
  ADF_FEDERATION_URL: 'the running federation server that commands talk to',
  ADF_TOKEN: 'bearer token that commands send to a running ADF',
  ADF_URL: 'the running ADF that commands talk to',
}

// Kubernetes sets these in every pod that can see a Service whose name is adf or begins with adf-.
const kubernetesName =
  /^ADF(_[A-Z0-9]+)*_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_[A-Z]+(_[A-Z]+)?)$/
const kubernetesAddress = /^(tcp|udp|sctp):\/\//
const ofKubernetes = (variable: string, value: string) =>
  kubernetesName.test(variable) || (variable.endsWith('_PORT') && kubernetesAddress.test(value))

/** `edge.detection.warm_up` -> `ADF_EDGE__DETECTION__WARM_UP` */
export const variableOf = (path: string) => `ADF_${path.replaceAll('.', '__').toUpperCase()}`

/** The layers of all ADF_ variables, and a fault for each that names no key. */
export function environmentLayers(
  schema: z.core.$ZodType,
  env: NodeJS.ProcessEnv,
): { layers: Layer[]; faults: ConfigFault[] } {
  const layers: Layer[] = []
  const faults: ConfigFault[] = []
  for (const [variable, value] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!variable.startsWith('ADF_') || value === undefined || variable in otherVariables) continue
    const path = variable.slice('ADF_'.length).toLowerCase().split('__')
    const [section = ''] = path
    if (childOf(schema, section) === undefined) {
      if (ofKubernetes(variable, value)) continue
      faults.push({ path: '', message: unknownVariable(schema, variable), source: variable })
      continue
    }
    const { layer, fault } = assignmentLayer(schema, path, value, variable)
    if (layer !== undefined) layers.push(layer)
    if (fault !== undefined) faults.push(fault)
  }
  return { layers, faults }
}

function unknownVariable(schema: z.core.$ZodType, variable: string): string {
  const known = describeConfig(schema)
    .filter(({ path }) => !/[<[]/.test(path))
    .map(({ path }) => variableOf(path))
  // The usual slip: one underscore where two are needed.
  const flat = known.find((name) => name.replaceAll('__', '_') === variable.replaceAll('__', '_'))
  const meant = flat ?? nearest(variable, [...known, ...Object.keys(otherVariables)])
  return `names no key of the configuration${meant === undefined ? '' : `, did you mean ${meant}?`}`
}
