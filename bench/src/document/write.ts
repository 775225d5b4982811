import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readResults } from '../results/result.ts'
import { renderDocument } from './document.ts'

// Makes docs/benchmarks.md of sections/*.md, in the order of their names, and bench/results/*.json; with --check writes nothing and exits with 1 when it is not current.
const root = join(import.meta.dirname, '../../..')
const folder = join(import.meta.dirname, 'sections')
const path = join(root, 'docs/benchmarks.md')
const sections = readdirSync(folder)
  .sort()
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
const wanted = renderDocument(sections, readResults(join(root, 'bench/results')))
if (readFileSync(path, 'utf8') !== wanted) {
  if (process.argv.includes('--check')) {
    process.stderr.write('docs/benchmarks.md is not current: run npm run docs\n')
    process.exitCode = 1
  } else {
    writeFileSync(path, wanted)
    process.stdout.write('wrote docs/benchmarks.md\n')
  }
}
