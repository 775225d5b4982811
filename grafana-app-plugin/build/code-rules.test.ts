import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder } from './settings.ts'

const src = join(folder, 'src')

/** Rules of Grafana's plugin validator on code that the linter has no rule for; consoles, dialogs and `window` are the linter's. */
const RULES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['styles are not imported for their effect', /^import\s+['"][^'"]+\.s?css['"]/m],
  ['the compiler is not silenced', /@ts-(ignore|nocheck)/],
  ['a new tab does not get hold of this one', /target=["']_blank["'](?![^>]*noopener)/],
  ['location is not assigned', /\blocation\.(href\s*=[^=]|assign\(|replace\()/],
  ['no script is made', /dangerouslySetInnerHTML|\.innerHTML\s*=|document\.write|new Function\(/],
]

const sources = globSync('**/*.{ts,tsx}', { cwd: src })
  .filter((file) => !/\.test\.tsx?$|^testing\//.test(file))
  .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }))

test.each(RULES)('%s', (_name, pattern) => {
  expect(sources.length).toBeGreaterThan(50)
  expect(sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)).toEqual([])
})

test.each([
  "import './base.css'",
  '// @ts-ignore',
  '<a target="_blank" rel="noreferrer">',
  "location.href = '/a'",
  'node.innerHTML = text',
])('%s is found', (text) => {
  expect(RULES.some(([, pattern]) => pattern.test(text))).toBe(true)
})
