import { describe, expect, it } from 'vitest'
import type { Result } from '../results/result.ts'
import { renderDocument } from './document.ts'

const row = (name: string, subject: string, measure: string, value: number | null, more = {}) => ({
  case: name,
  subject,
  measure,
  value,
  ...more,
})
const speed: Result = {
  command: 'npm run bench -- speed',
  date: '2026-03-01',
  machine: 'one core',
  runs: 3,
  rows: [
    row('grpc', 'adf', 'rate', 300_264),
    row('grpc', 'peer', 'rate', 82_252),
    row('http', 'adf', 'rate', 1200.5, { min: 1100, max: 1300.4 }),
    row('http', 'peer', 'rate', 0.25),
    row('http', 'adf', 'share', 0.0816),
    row('http', 'adf', 'exact', 1),
    row('http', 'adf', 'epsilon', null),
  ],
}
const render = (...lines: string[]) =>
  renderDocument([{ name: 'a.md', text: lines.join('\n') }], new Map([['speed', speed]]))
const table = (...lines: string[]) =>
  render('<!-- figures speed -->', '| a |', '|---|', ...lines)
    .trimEnd()
    .split('\n')
    .slice(2)

describe('a table', () => {
  it('has a line for each case or subject, in the order of the results', () => {
    expect(table('| `{case}` | {adf rate :0} | {adf rate / peer rate :1} |')).toEqual([
      '| `grpc` | 300,264 | 3.7 |',
      '| `http` | 1,201 | 4,802.0 |',
    ])
    expect(table('| {subject} | {grpc rate} |')).toEqual(['| adf | 300,264 |', '| peer | 82,252 |'])
  })

  it('chooses among them by patterns, and has lines of its own', () => {
    expect(table('| {case h*} | {adf rate :0} |', '| all | {grpc adf rate :0} |')).toEqual([
      '| http | 1,201 |',
      '| all | 300,264 |',
    ])
    expect(table('| {subject !ad*} | {grpc rate :0} |')).toEqual(['| peer | 82,252 |'])
  })

  it.each([
    ['{http peer rate}', '0.25'],
    ['{http peer rate :.3}', '.250'],
    ['{http peer rate :p1}', '0.3'],
    ['{http peer rate :promise}', '**0.25**'],
    ['{http exact :promise}', '1.0'],
    ['{share :1%}', '8.2 %'],
    ['{exact :yes}', 'yes'],
    ['{http adf min(rate) :0} to {http adf max(rate) :0}', '1,100 to 1,300'],
    ['{share? :1%} {missing?}', '8.2 % '],
  ])('%s is %s', (figure, text) => {
    expect(table(`| ${figure} |`)).toEqual([`| ${text} |`])
  })

  it.each([
    ['| {adf rate} |', 'name the case or subject'],
    ['| {grpc adf latency} |', 'there is no such figure'],
    ['| {grpc adf min(rate)} |', 'the row has no min'],
    ['| {epsilon} |', 'no finite value'],
    ['| {share :q} |', 'there is no such format'],
    ['| {case x*} | {adf rate} |', 'there is none'],
    ['| 12 | 13 |', 'without a figure'],
  ])('%s is refused: %s', (line, fault) => {
    expect(() => table(line)).toThrow(fault)
    expect(() => table(line)).toThrow('a.md: ')
  })
})

it('has no table that is typed by hand, and shows every result', () => {
  expect(() => render('| a |', '|---|', '| 12 |')).toThrow('a.md: a table typed by hand: | a |')
  expect(() => render('<!-- figures other -->', '| a |', '|---|', '| {x} |')).toThrow(
    'there is no result other',
  )
  expect(() => render('Prose alone.')).toThrow('no section shows the results speed')
})

it('says where its figures come from', () => {
  const text = render('<!-- figures speed -->', '| a |', '|---|', '| {share :2} |', '', '<!-- runs -->')
  expect(text).toContain(
    '| [speed](../bench/results/speed.json) | `npm run bench -- speed`, 3 times | 2026-03-01 |  | one core |',
  )
})
