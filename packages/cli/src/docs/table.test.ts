import { type ConfigRow, codes } from '@adf/service'
import { expect, test } from 'vitest'
import { keyTables, renderConfiguration } from './configuration.ts'
import { renderErrors } from './errors.ts'
import { markdownTable } from './table.ts'

test('a cell cannot break its table', () => {
  expect(markdownTable(['a'], [['x | y\nz']])).toBe('| a |\n|---|\n| x \\| y z |')
})

test('every key has a row under the heading of its section', () => {
  const row = (path: string, type: string, more: Partial<ConfigRow> = {}): ConfigRow => ({
    path,
    type,
    default: '',
    required: false,
    description: '',
    reserved: false,
    ...more,
  })
  const rows = [
    row('api', 'section', { description: 'the API' }),
    row('api.port', 'integer', { default: '80', description: 'TCP port' }),
    row('api.key_file', 'text', { required: true }),
    row('level', 'a | b', { default: 'a', description: 'how much' }),
    row('later', 'integer', { reserved: true, description: 'some day' }),
  ]
  const tables = keyTables(rows)
  expect(tables).toContain('## api\n\nThe API.\n')
  expect(tables).toContain('| `api.port` | integer | `80` | TCP port |')
  expect(tables).toContain('| `api.key_file` | text | (required) |')
  expect(tables).toContain('## level\n\n| Key')
  expect(tables).toContain('| `level` | a \\| b | `a` | how much |')
  expect(tables).toContain('**reserved**: some day')
  expect(renderConfiguration(rows)).toContain(tables)
})

test('every error code is on its page', () => {
  const page = renderErrors()
  for (const [code, [status]] of Object.entries(codes)) expect(page).toContain(`| \`${code}\` | ${status} |`)
})
