import { styleText } from 'node:util'
import { expect, test } from 'vitest'
import { oneLine, terminalJson, terminalText } from './terminal-text.ts'

const styled = (format: Parameters<typeof styleText>[0]) => styleText(format, 'x', { validateStream: false })

test.each([
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['\u001b[2Jgone', '\\u001b[2Jgone'],
  ['\u009b31m', '\\u009b31m'],
  ['\u001b[8mhidden', '\\u001b[8mhidden'],
  ['over\rwritten', 'over\\u000dwritten'],
  ['abc\u202ecba', 'abc\\u202ecba'],
  ['a\nb\tc é 日本 🙂', 'a\nb\tc é 日本 🙂'],
])('%j is shown as %j', (text, shown) => {
  expect(terminalText(text)).toBe(shown)
})

test('our own colours stay', () => {
  for (const format of ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const)
    expect(terminalText(styled(format))).toBe(styled(format))
})

test('JSON reads back to the same', () => {
  const value = { name: 'a\u009b31m\u202e\u007f\u001b', text: 'é\n' }
  const json = terminalJson(JSON.stringify(value))
  expect(json).not.toMatch(/[\u007f-\u009f\u202e]/)
  expect(JSON.parse(json)).toEqual(value)
})

test('a cell stays on its line', () => {
  expect(oneLine('a\nok  api: fine')).toBe('a\\u000aok  api: fine')
})
