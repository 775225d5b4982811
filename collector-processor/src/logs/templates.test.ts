import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodies, miningOf, templatesOf } from './mining.test-data.ts'

describe('a value never splits a template', () => {
  it.each([
    ['numbers', 'took 12 ms for 3.5GB', 'took 9 ms for 17GB'],
    ['hex', 'at 0xDEADBEAF of deadbeefcafe', 'at 0x10 of 0aa1'],
    [
      'UUIDs',
      'cart 72330e75-125e-4f5e-a858-eb9ba89727f8 gone',
      'cart beefcafe-dead-beef-cafe-0123456789ab gone',
    ],
    ['IPv4 and IPv6', 'peer 10.0.0.1:443 left', 'peer fe80::abcd:12 left'],
    ['URLs', 'GET http://h/cart/17?q=shoes&n=2 done', 'GET http://h/cart/4711?q=a done'],
    ['paths', 'read /var/lib/7f/data', 'read /var/lib/99/data'],
    ['times', '2022-08-22T05:18:42.995Z up', '22/Aug/2022:05:18:42 +0000 up'],
    ['quoted strings', 'user "alice" is unknown', 'user "bob the great" is unknown'],
    [
      'base64',
      'token aGVsbG8gd29ybGQxMjM0NTY3OA== sent',
      'token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP sent',
    ],
    ['pods', 'evicted web-cf787dd48-vpjrd now', 'evicted web-668d5f85fb-wckp8 now'],
    ['mail', 'mail to john.doe@example.com failed', 'mail to x@y.org failed'],
    ['structs', 'got {OLJ Vintage Typewriter units:67} now', 'got {} now'],
    ['fields that are left out', 'cost units:14 nanos:99 ok', 'cost units:14 ok'],
    ['lists', 'ads [a, b] (words=[x y])', 'ads [] (words=[])'],
    ['truth and nothing', 'retry true of null', 'retry false of 17'],
    ['key=value', 'user=alice size=big', 'user=bob size=small'],
  ])('%s', (_, one, other) => {
    expect(templatesOf(one, other)).toHaveLength(1)
  })

  it('whatever the values are', () => {
    const value = fc.oneof(
      fc.uuid(),
      fc.ipV4(),
      // one without a digit in front is told from a name by what follows only
      fc.ipV6().filter((address) => /^\d/.test(address)),
      fc.nat().map(String),
      fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
        .map((date) => date.toISOString()),
      fc
        .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 16, maxLength: 32 })
        .map((id) => `${id}0`),
    )
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 20 }), (values) => {
        expect(templatesOf(...values.map((each) => `order ${each} was placed`))).toEqual([
          expect.stringMatching(/^order <\*>\S* was placed$/),
        ])
      }),
      { numRuns: 200 },
    )
  })
})

describe('statements stay apart', () => {
  it.each([
    ['words of like lines', 'Choose Ad started', 'Choose Ad complete'],
    ['levels', '{"level":"info","message":"cache is full"}', '{"level":"error","message":"cache is full"}'],
    ['numeric levels', '{"level":30,"msg":"cache is full"}', '{"level":50,"msg":"cache is full"}'],
    ['names in brackets', '[GetQuote] completed request', '[ShipOrder] completed request'],
    ['logfmt', 'level=info msg="server started"', 'level=info msg="server stopped"'],
    ['errors', '{"msg":"failed","error":"timeout"}', '{"msg":"failed","error":"connection refused"}'],
    ['apostrophes', "couldn't read it", "couldn't write it"],
  ])('%s', (_, one, other) => {
    expect(templatesOf(one, other)).toHaveLength(2)
  })

  it('until so many words came that they must be values', () => {
    const names = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'joe']
    expect(templatesOf(...names.slice(0, 7).map((name) => `user ${name} logged in`))).toHaveLength(7)
    const { mining, take } = miningOf()
    const numbers = take(bodies(...names.map((name) => `user ${name} logged in`)))
    expect(mining.templates('cart')).toMatchObject([{ text: 'user <*> logged in', lines: 10 }])
    expect(new Set(numbers.map((number) => mining.current(number)))).toEqual(new Set([numbers[0]]))
  })
})

describe('structured bodies', () => {
  it('are their message, whatever stands beside it and in what order', () => {
    expect(
      templatesOf(
        '{"timestamp":"2022-08-22T05:18:42Z","trace_id":"ab12","message":"View cart 17 start","currency":"USD","severity":"info"}',
        '{"severity":"info","http.req.path":"/cart","message":"View cart 4 start","n":{"a":[1,{"b":2}]}}',
      ),
    ).toEqual(['info View cart <*> start'])
  })

  it('without a message are their keys, and their words of few', () => {
    const line = (status: string, path: string) => `{"ts":1,"path":"${path}","status":"${status}"}`
    expect(templatesOf(line('ok', '/a'), '{"status":"ok","path":"/b"}')).toHaveLength(1)
    expect(templatesOf(line('ok', '/a'), line('failed', '/a'))).toHaveLength(2)
  })

  it('within a message are read as well, without escapes', () => {
    const inner = JSON.stringify({ level: 'warn', msg: 'say "hi" to\u00fc\n' })
    expect(templatesOf(JSON.stringify({ log: inner, stream: 'stdout' }))).toEqual(['warn say <*> to\u00fc'])
  })

  it('that are none are text', () => {
    expect(templatesOf('{"message":')).toHaveLength(1)
    expect(templatesOf('{not json} at all')).toEqual(['<*> at all'])
  })
})

it('a stack trace is its lines that are not indented', () => {
  const trace = (line: number) =>
    `Boom: no cart\n\tat a.b(C.java:${line})\n\tat x.y(Z.java:1)\nCaused by: Refused`
  expect(templatesOf(trace(1), trace(2), 'Boom: no cart\n  at q\nCaused by: Refused')).toEqual([
    'Boom: no cart Caused by: Refused',
  ])
})

describe('bounds', () => {
  const anyLine = fc.oneof(fc.string({ maxLength: 300 }), fc.json(), fc.lorem({ maxCount: 20 }))

  it('hold whatever comes, and the same lines give the same templates', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { minLength: 1, maxLength: 60 }), async (lines) => {
        const limits = { max_templates: 20, max_templates_per_service: 12, max_line: 100 }
        const [one, other] = [miningOf(limits), miningOf(limits)]
        expect(one.take(bodies(...lines))).toEqual(other.take(bodies(...lines)))
        expect(one.mining.templates('cart')).toEqual(other.mining.templates('cart'))
        expect(one.mining.templates('cart').length).toBeLessThanOrEqual(12)
        for (const { text, example } of one.mining.templates('cart')) {
          expect(text.length).toBeLessThan(5000)
          expect(example.length).toBeLessThanOrEqual(300)
        }
      }),
    )
  })

  it('count what made room', async () => {
    const { take, registry } = miningOf({ max_templates_per_service: 10 })
    const word = (n: number) => String.fromCharCode(103 + (n % 20), 103 + ((n / 20) % 20))
    take(bodies(...Array.from({ length: 30 }, (_, n) => `${word(n)} q${'x'.repeat(n)} ${word(n + 7)}`)))
    const text = await registry.metrics()
    expect(text).toMatch(/adf_log_templates_dropped_total\{reason="template_limit"\} [1-9]/)
    expect(text).toMatch(/adf_log_templates\{what="templates"\} (\d|10)\n/)
  })

  it('keep what is used over what came once', () => {
    const { take, mining } = miningOf({ max_templates_per_service: 10 })
    take(bodies(...Array.from({ length: 50 }, () => 'request served well')))
    const word = (n: number) => String.fromCharCode(103 + (n % 20), 103 + (Math.floor(n / 20) % 20))
    for (let n = 0; n < 100; n++)
      take(bodies(`${word(n)} ${word(n + 31)} ${word(n + 57)}`, 'request served well'))
    expect(mining.templates('cart')[0]?.text).toBe('request served well')
  })

  it('are cheap to reach: brackets and quotes without end', () => {
    const { take } = miningOf()
    const lines = ['[', '{"', '"', "'", '<', '[a,', '{"a":', '\\"'].map((part) => part.repeat(50_000))
    const before = process.cpuUsage()
    take(bodies(...lines))
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
  })
})
