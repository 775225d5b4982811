// The entry of every npm script: installs what is missing, then goes on under Node 24, whatever Node called it.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { check } from './check.mjs'
import { installPackages } from './install.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [command, ...args] = process.argv.slice(2)
const node = installPackages(root)
const adf = join(root, 'packages/cli/bin/adf.mjs')
const [, flags] = readFileSync(adf, 'utf8').split('\n', 1)[0].split(' node ')
const program = [...flags.split(' '), adf]
const path = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH].join(
  process.platform === 'win32' ? ';' : ':',
)
// What Node made of the sources the last time halves the start of every process and thread.
const compileCache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules/.cache/adf')
// npm runs scripts in the package's folder; paths that a person types are relative to where they stand.
const cwd = process.env.INIT_CWD ?? process.cwd()

/** What the console serves; without it everything else works all the same. */
const pages = (...more) => run(node, [join(root, 'grafana-app-plugin/build/main.ts'), ...more], root)

const commands = {
  start: async () => {
    await pages()
    return run(node, [...program, 'demo', ...args], cwd)
  },
  adf: async () => {
    if (args[0] === 'up' || args[0] === 'demo') await pages()
    return run(node, [...program, ...args], cwd)
  },
  build: () => pages(...args),
  'plugin:zip': () => run(node, [join(root, 'grafana-app-plugin/build/zip.ts'), ...args], root),
  'plugin:compatible': () => run(node, [join(root, 'grafana-app-plugin/build/compatible.ts'), ...args], root),
  bench: () => run(node, [join(root, 'bench/src/main.ts'), ...args], cwd),
  test: async () => {
    const servers = await run(node, [join(root, 'test/harness/install.ts')], root)
    if (servers !== 0) return servers
    const built = await pages()
    if (built !== 0) return built
    return run(node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args], root)
  },
  check: () => check({ root, node, run }),
  kubernetes: async () => {
    // Needs what is installed only now.
    const { kubernetes } = await import('./kubernetes.mjs')
    return kubernetes({ root, check: args.includes('--check') })
  },
  dashboards: () => run(node, [join(root, 'grafana-app-plugin/dashboards/write.ts'), ...args], root),
  chaos: () => run(node, [join(root, 'test/chaos/main.ts'), ...args], cwd),
  release: () => run(node, [join(root, 'scripts/release/main.ts'), ...args], root),
  docs: async () => {
    const written = await run(node, [join(root, 'packages/cli/src/docs/write.ts'), ...args], root)
    const figures = await run(node, [join(root, 'bench/src/document/write.ts'), ...args], root)
    return written || figures
  },
}

function run(file, argv, directory) {
  return new Promise((resolve) => {
    const child = spawn(file, argv, {
      cwd: directory,
      stdio: 'inherit',
      env: { ...process.env, PATH: path, NODE_COMPILE_CACHE: compileCache },
    })
    const forward = (signal) => child.kill(signal)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward)
    child.on('error', (error) => {
      process.stderr.write(`${error.message}\n`)
      resolve(1)
    })
    child.on('exit', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, forward)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

if (!(command in commands)) {
  process.stderr.write(`usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [arguments]\n`)
  process.exit(2)
}
process.exitCode = await commands[command]()
