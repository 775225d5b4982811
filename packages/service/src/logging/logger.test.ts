import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What a process that logs writes to standard error. */
function logged(
  options: string,
  statements: string,
): { out: string; lines: Record<string, unknown>[]; text: string } {
  const run = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { trace, context, ROOT_CONTEXT } from '@opentelemetry/api'
       import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
       import { createLogger } from ${JSON.stringify(join(import.meta.dirname, 'logger.ts'))}
       context.setGlobalContextManager(new AsyncLocalStorageContextManager())
       const log = createLogger({ name: 'adf', ${options} })
       ${statements}`,
    ],
    { encoding: 'utf8', cwd: import.meta.dirname },
  )
  const texts = run.stderr.split('\n').filter((line) => line.startsWith('{'))
  return {
    out: run.stdout,
    text: run.stderr,
    lines: texts.map((line): Record<string, unknown> => JSON.parse(line)),
  }
}

test('writes JSON lines on standard error, none lost at the end of the process', () => {
  const { lines, out } = logged(
    '',
    "for (let i = 0; i < 1000; i++) log.info({ i }, 'hello'); process.exit(0)",
  )
  expect(out).toBe('')
  expect(lines).toHaveLength(1000)
  expect(lines[999]).toMatchObject({ name: 'adf', level: 'info', msg: 'hello', i: 999 })
  expect(String(lines[0]?.['time'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('keeps to its level', () => {
  const { lines } = logged("level: 'warn'", "log.info('no'); log.warn('yes')")
  expect(lines.map(({ msg }) => msg)).toEqual(['yes'])
})

test('has the ids of the active span, and none without', () => {
  const span = "{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }"
  const { lines } = logged(
    '',
    `log.info('outside'); context.with(trace.setSpanContext(ROOT_CONTEXT, ${span}), () => log.info('inside'))`,
  )
  expect(lines[0]).not.toHaveProperty('trace_id')
  expect(lines[1]).toMatchObject({
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    span_id: 'b7ad6b7169203331',
  })
})

test('credentials never get into the log', () => {
  const { text, lines } = logged(
    '',
    `log.info({ headers: { authorization: 'Bearer hunter2', 'x-id': 'seen' } }, 'a')
     log.info({ req: { headers: { authorization: 'Bearer hunter2' } } }, 'b')
     log.info({ token: 'hunter2', config: { password: 'hunter2', token: 'hunter2' } }, 'c')`,
  )
  expect(lines).toHaveLength(3)
  expect(text).not.toContain('hunter2')
  expect(text).toContain('seen')
})

test('pretty is for people', () => {
  const { text, lines } = logged('pretty: true', "log.info({ port: 4317 }, 'listening')")
  expect(lines).toEqual([])
  expect(text).toMatch(/INFO.*listening/)
})
