// Makes what is derived in provisioning/kubernetes: the files that the chart holds, out of those that are used without it, and, with Helm, the plain manifests.
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'

const folder = 'provisioning/kubernetes'
const GENERATED = '# Made by `npm run kubernetes`.\n'
const NAMESPACE = 'adf'
/** Helm refuses the chart for the old version that it takes for granted. */
const FOR = ['--kube-version', '1.32.0']

/** File -> what it should hold, but for the manifests. */
export function chartFiles(root) {
  const read = (path) => readFileSync(join(root, 'provisioning', path), 'utf8')
  const collector = (name) => parse(read(`otel-collector/${name}.yaml`))
  const agent = collector('agent')
  const sidecar = without(agent, {
    receivers: ['hostmetrics', 'filelog'],
    extensions: ['file_storage'],
    processors: ['resourcedetection'],
  })
  const alone = { exporters: ['otlp_grpc/backbone'] }
  const made = {
    'files/agent.yaml': stringify(agent),
    'files/agent-alone.yaml': stringify(without(agent, alone)),
    'files/sidecar.yaml': stringify(sidecar),
    'files/sidecar-alone.yaml': stringify(without(sidecar, alone)),
    'files/gateway.yaml': stringify(collector('gateway')),
    'files/adf-recording.yml': stringify(parse(read('prometheus/rules/adf-recording.yml'))),
    'files/adf-alerts.yml': stringify(parse(read('prometheus/rules/adf-alerts.yml'))),
  }
  return new Map(Object.entries(made).map(([path, text]) => [join(folder, 'adf', path), GENERATED + text]))
}

/** A configuration of the collector without these components, in its pipelines neither. */
function without(config, gone) {
  const copy = structuredClone(config)
  for (const [section, ids] of Object.entries(gone)) {
    for (const id of ids) delete copy[section][id]
    if (section === 'extensions')
      copy.service.extensions = copy.service.extensions.filter((id) => !ids.includes(id))
    for (const pipeline of Object.values(copy.service.pipelines))
      if (pipeline[section] !== undefined)
        pipeline[section] = pipeline[section].filter((id) => !ids.includes(id))
  }
  return copy
}

/** The manifests as `helm template` makes them of each file of values. */
export function manifests(root, helm) {
  const chart = join(root, folder, 'adf')
  return new Map(
    globSync(join(root, folder, 'values/*.yaml')).map((values) => [
      join(folder, 'manifests', basename(values)),
      GENERATED +
        execFileSync(helm, ['template', 'adf', chart, '--namespace', NAMESPACE, '--values', values, ...FOR], {
          encoding: 'utf8',
        }),
    ]),
  )
}

/** Writes both, or with `check` says what is not current. Resolves to an exit status. */
export function kubernetes({ root, check, helm = process.env.HELM ?? 'helm' }) {
  const write = (files) => {
    const old = [...files].filter(
      ([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text,
    )
    for (const [path, text] of old) {
      process.stdout.write(`${check ? 'not current' : 'wrote'} ${path}\n`)
      if (check) continue
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    return old.length
  }
  let changed = write(chartFiles(root))
  try {
    execFileSync(helm, ['version'], { stdio: 'ignore' })
  } catch {
    process.stderr.write(
      'helm is not here: the manifests were left as they are (go install helm.sh/helm/v3/cmd/helm@latest)\n',
    )
    return check && changed > 0 ? 1 : 0
  }
  execFileSync(helm, ['lint', '--strict', ...FOR, join(root, folder, 'adf')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  changed += write(manifests(root, helm))
  return check && changed > 0 ? 1 : 0
}
