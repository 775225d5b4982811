import { expect, test } from 'vitest'
import { runAdf } from './adf.test-program.ts'

test('help names every command and the exit statuses', async () => {
  const run = await runAdf(['--help'])
  expect(run).toMatchObject({ status: 0, err: '' })
  for (const text of [
    'config',
    'token',
    '--set <key=value>',
    'Exit status:',
    '  2  wrong usage or configuration',
  ]) {
    expect(run.out).toContain(text)
  }
})

test('the version is printed', async () => {
  expect(await runAdf(['--version'])).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
})

test.each([
  [['cofig'], '(Did you mean config?)'],
  [['config', 'pritn'], '(Did you mean print?)'],
  [['config', 'print', '--jsn'], '(Did you mean --json?)'],
  [['config', 'print', '--config'], "option '--config <file>' argument missing"],
  [['config', 'print', 'extra'], 'too many arguments'],
  [['--config', 'a.yaml', '--config', 'b.yaml', 'config', 'check'], 'given twice'],
  [['config'], 'Usage: adf config'],
  [[], 'Usage: adf'],
])('%j is wrong usage: status 2 and a hint', async (args, hint) => {
  const run = await runAdf(args)
  expect(run).toMatchObject({ status: 2, out: '' })
  expect(run.err).toContain(hint)
})

// What begins a colour in a terminal.
const escapeCode = String.fromCharCode(27)

test('colours are off where the output is no terminal, and on where they are forced', async () => {
  expect((await runAdf(['config', 'check'])).out).not.toContain(escapeCode)
  expect((await runAdf(['config', 'check'], { FORCE_COLOR: '1' })).out).toContain(escapeCode)
  expect((await runAdf(['config', 'check', '--no-color'], { FORCE_COLOR: '1' })).out).not.toContain(
    escapeCode,
  )
})
