import { expect, test } from 'vitest'
import { flowchartOf } from './flowchart.ts'
import { postmortemOf } from './postmortem.ts'
import { markdown, mermaidLabel, plain } from './safe-text.ts'
import { sampleCause, sampleExport } from './sample.test-data.ts'

/** All that a flowchart of ours is made of; a name is letters, digits, ` ./:_-` and character codes between quotes. */
const LABEL = String.raw`"(?:[\p{L}\p{N} ./:_…-]|#\d+;)*"`
const GRAMMAR = [
  /^flowchart LR$/,
  new RegExp(String.raw`^ {2}n\d+(?:\[${LABEL}\]|\[\(${LABEL}\)\]):::(?:cause|suffers|other)$`, 'u'),
  /^ {2}n\d+ (?:-->|==>) n\d+$/,
  /^ {2}classDef (?:cause|suffers|other) fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}$/,
]
const HOSTILE = [
  'a"] --> b["',
  'x`y``z```',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[click](javascript:alert(1))',
  '![](http://evil.example/x.png)',
  'a|b|c',
  'line\nbreak\r\n```\n# heading',
  '\u202Egnp.exe\u2066 after',
  '#quot;&quot;&#60;',
  '--- \n click n0 "https://evil.example"',
  '%%{init: {"securityLevel": "loose"}}%%',
  'end',
  '',
  '\uD800lonely',
  'ü中文🙂',
  'n'.repeat(300),
  '@everyone **bold** _it_ ~~no~~ $x$',
]

test('the post-mortem of an incident', () => {
  expect(postmortemOf(sampleExport())).toMatchSnapshot()
})

test('one that is open, without causes or verdicts, says so', () => {
  const open = sampleExport({
    causes: [],
    none: null,
    state: 'open',
    resolved_at: null,
    suffering: [],
    services: [],
  })
  const text = postmortemOf({ ...open, verdicts: [], timeline: [] })
  expect(text).toContain('No cause was found.')
  expect(text).toContain('so far')
  expect(text).not.toContain('```mermaid')
})

test('says when it is rather none of the causes', () => {
  expect(postmortemOf(sampleExport({ none: 0.7 }))).toContain(
    'more likely none of the causes named here (70 %)',
  )
})

test.each(HOSTILE)('the name %j is text in a flowchart and nothing else', (name) => {
  const about = sampleExport({
    services: [name, 'checkout'],
    suffering: [name],
    causes: [sampleCause(name, 0.9, { path: [name, 'checkout', `database:${name}`] })],
  })
  const chart = flowchartOf({ ...about, calls: [{ client: 'checkout', server: name }] }) ?? ''
  for (const line of chart.split('\n'))
    expect(
      GRAMMAR.some((rule) => rule.test(line)),
      line,
    ).toBe(true)
})

test.each(HOSTILE)('the name %j cannot break the Markdown around it', (name) => {
  const hostile = sampleExport({
    title: name,
    services: [name],
    blast_radius: [name],
    suffering: [name],
    trace_ids: [name],
    causes: [
      sampleCause(name, 0.9, {
        confirm: [name],
        evidence: [
          { ...sampleExport().incident.causes[0]!.evidence[0]!, text: name, subject: name, unit: name },
        ],
      }),
    ],
  })
  const text = postmortemOf({
    ...hostile,
    timeline: [{ at: hostile.exported_at, kind: 'cause', subject: name, text: name }],
    verdicts: hostile.verdicts.map((verdict) => ({ ...verdict, cause: name, note: name, author: name })),
  })
  const harmless = postmortemOf(sampleExport())
  const headings = (of: string) => of.split('\n').filter((line) => /^##? /.test(line)).length
  expect(headings(text)).toBe(headings(harmless))
  expect(text.match(/^```/gm)).toHaveLength(2)
  const prose = text.replace(/```mermaid[\s\S]*?```/, '')
  expect(prose).not.toMatch(/<[a-z!/]|(?<!\\)\]\(|(?<!\\)!\[|https?:\/\/|\p{Cf}/iu)
  // Every row of a table has as many cells as its head.
  for (const table of text
    .trim()
    .split('\n\n')
    .filter((part) => part.startsWith('|'))) {
    const cells = table.split('\n').map((row) => row.replaceAll('\\\\', '').match(/(?<!\\)\|/g)?.length)
    expect(new Set(cells).size, table).toBe(1)
  }
})

test('a long name is cut', () => {
  expect([...plain('n'.repeat(300))]).toHaveLength(200)
  expect(mermaidLabel('🙂'.repeat(300)).length).toBeLessThan(1000)
  expect(markdown('a\u202Eb\u0000c')).toBe('a b c')
})
