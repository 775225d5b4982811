import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** Format, lint, arrows, dead code, types, generated docs, licences and advisories, side by side. Prints what failed; resolves to an exit status. */
export async function check({ root, node }) {
  const bin = (name) => join(root, 'node_modules', name)
  const steps = {
    biome: [bin('.bin/biome'), ['ci', '--reporter=summary', '.']],
    types: [node, [bin('typescript-7/bin/tsc'), '--noEmit', '-p', root]],
    'types of the Grafana app': [
      node,
      [bin('typescript-7/bin/tsc'), '--noEmit', '-p', join(root, 'grafana-app-plugin')],
    ],
    arrows: [
      node,
      [
        bin('dependency-cruiser/bin/dependency-cruiser.mjs'),
        '--config',
        '.dependency-cruiser.cjs',
        'packages',
        'alertmanager-webhook',
        'collector-processor',
        'federation-server',
        'grafana-app-plugin/src',
        'grafana-app-plugin/host',
        'grafana-app-plugin/build',
        'grafana-app-plugin/dashboards',
        'demo',
        'bench',
        'test',
      ],
    ],
    knip: [node, [bin('knip/bin/knip.js'), '--no-progress']],
    docs: [node, [join(root, 'packages/cli/src/docs/write.ts'), '--check']],
    figures: [node, [join(root, 'bench/src/document/write.ts'), '--check']],
    licences: [node, [join(root, 'scripts/licences.mjs')]],
    advisories: [node, [join(root, 'scripts/audit.mjs')]],
    dashboards: [node, [join(root, 'grafana-app-plugin/dashboards/write.ts'), '--check']],
  }
  const results = await Promise.all(
    Object.entries(steps).map(([name, [file, argv]]) => step(name, file, argv, root)),
  )
  for (const { name, status, output, seconds } of results) {
    const note = /^note: (.*)$/m.exec(output)?.[1]
    const told = status === 0 && note !== undefined ? `: ${note}` : ''
    process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds.toFixed(1)} s)${told}\n`)
    if (status !== 0) process.stdout.write(`${output}\n`)
  }
  return results.every(({ status }) => status === 0) ? 0 : 1
}

function step(name, file, argv, cwd) {
  const start = performance.now()
  return new Promise((resolve) => {
    const chunks = []
    const child = spawn(file, argv, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    const done = (status, extra = '') =>
      resolve({
        name,
        status,
        output: Buffer.concat(chunks).toString() + extra,
        seconds: (performance.now() - start) / 1000,
      })
    child.on('error', (error) => done(1, error.message))
    child.on('close', (code) => done(code ?? 1))
  })
}
