import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { run, temporaryFolder } from './harness/process.ts'

const root = join(import.meta.dirname, '..')

async function cruise(cwd: string, folders: string[]) {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const cruiser = run(process.execPath, [program, '--config', '.dependency-cruiser.cjs', ...folders], { cwd })
  return { status: await cruiser.exited, output: cruiser.output() }
}

/** A small tree under our rules: `from` imports `to`. */
async function cruiseImport(from: string, to: string, statement: string) {
  const folder = temporaryFolder()
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true })
    writeFileSync(join(folder.path, path), text)
  }
  try {
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
      copyFileSync(join(root, file), join(folder.path, file))
    }
    symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'))
    write(to, 'export const target = 1\n')
    write(from, `${statement}\n`)
    return await cruise(folder.path, [from])
  } finally {
    folder.remove()
  }
}

const processor = 'collector-processor/src'

// dependency-cruiser that cannot read TypeScript sees no modules and passes: so each rule is shown to bite.
test.each([
  ['processor-incident', `${processor}/incident/a.ts`, `${processor}/api/b.ts`, "import '../api/b.ts'"],
  [
    'processor-graph',
    `${processor}/graph/a.ts`,
    `${processor}/scoring/b.ts`,
    "import type { B } from '../scoring/b.ts'",
  ],
  [
    'processor-feature',
    `${processor}/feature/a.ts`,
    `${processor}/receiver/b.ts`,
    "import '../receiver/b.ts'",
  ],
  [
    'federation-aggregate',
    'federation-server/src/aggregate/a.ts',
    'federation-server/src/poisoning/b.ts',
    "import '../poisoning/b.ts'",
  ],
  [
    'federation-round',
    'federation-server/src/round/a.ts',
    'federation-server/src/store/b.ts',
    "import '../store/b.ts'",
  ],
  [
    'federation-store',
    'federation-server/src/store/a.ts',
    'federation-server/src/api/b.ts',
    "import '../api/b.ts'",
  ],
  [
    'federation-coordinator',
    'federation-server/src/coordinator/a.ts',
    'federation-server/src/api/b.ts',
    "import '../api/b.ts'",
  ],
  ['federation-api', 'federation-server/src/api/a.ts', 'federation-server/src/app.ts', "import '../app.ts'"],
  [
    'federation-round-has-no-io',
    'federation-server/src/round/a.ts',
    'federation-server/src/b.ts',
    "import 'node:fs'",
  ],
  [
    'federation-simulation-has-no-io',
    'federation-server/src/simulation/a.ts',
    'federation-server/src/b.ts',
    "import 'node:fs'",
  ],
  [
    'federation-simulation',
    'federation-server/src/simulation/a.ts',
    'federation-server/src/store/b.ts',
    "import '../store/b.ts'",
  ],
  [
    'federation-imports-contract-and-detectors',
    'packages/federation/src/a.ts',
    'packages/service/src/b.ts',
    "import '../../service/src/b.ts'",
  ],
  [
    'processor-federation',
    `${processor}/federation/a.ts`,
    `${processor}/store/b.ts`,
    "import '../store/b.ts'",
  ],
  ['pure-code-has-no-io', 'packages/detectors/src/a.ts', 'packages/detectors/src/b.ts', "import 'node:fs'"],
  [
    'packages-import-none-of-ours',
    'packages/service/src/a.ts',
    'packages/cli/src/b.ts',
    "import '../../cli/src/b.ts'",
  ],
  [
    'services-never-each-other',
    'federation-server/src/a.ts',
    `${processor}/b.ts`,
    `import '../../${processor}/b.ts'`,
  ],
  ['nothing-imports-test-or-bench', 'packages/cli/src/a.ts', 'test/b.ts', "import '../../../test/b.ts'"],
  [
    'services-by-public-exports',
    'packages/cli/src/a.ts',
    `${processor}/b.ts`,
    `import '../../../${processor}/b.ts'`,
  ],
  [
    'grafana-app-imports-contract-only',
    'grafana-app-plugin/src/a.ts',
    'packages/service/src/b.ts',
    "import '../../packages/service/src/b.ts'",
  ],
])('a forbidden import fails the check: %s', async (rule, from, to, statement) => {
  const { status, output } = await cruiseImport(from, to, statement)
  expect(output).toContain(rule)
  expect(status).not.toBe(0)
})

test('an import down the layers is allowed', async () => {
  const { status, output } = await cruiseImport(
    `${processor}/feature/a.ts`,
    `${processor}/scoring/b.ts`,
    "import '../scoring/b.ts'",
  )
  expect(output).toContain('no dependency violations found (2 modules')
  expect(status).toBe(0)
})

test('the arrows hold in this repository, over modules that were really seen', async () => {
  const { status, output } = await cruise(root, [
    'packages',
    'collector-processor',
    'federation-server',
    'demo',
    'bench',
    'test',
  ])
  expect(output).toMatch(/no dependency violations found \(\d{2,} modules/)
  expect(status).toBe(0)
})
