import type { Row } from './row.ts'

/** What a person would say of it. */
export function sentences(total: Row, rows: readonly Row[], budget: number): string {
  const { alerts, useful, noise, alerts_per_shift: load } = total
  if (alerts === 0) return 'There were no alerts.'
  const said: string[] = []
  const judged = useful + noise
  if (judged === 0)
    said.push(`None of ${counted(alerts, 'alert')} was judged, so that their worth is not known.`)
  else {
    said.push(
      `${capital(number(useful))} of ${number(judged)} judged ${plural(judged, 'alert')} ${useful === 1 ? 'was' : 'were'} worth sending.`,
    )
    if (judged < alerts)
      said.push(`${capital(number(alerts - judged))} ${alerts - judged === 1 ? 'was' : 'were'} not judged.`)
    const [worst] = rows
    if (worst !== undefined && worst.noise > 0 && rows.length > 1)
      said.push(
        `${worst.name} made ${number(worst.noise)} of the ${number(noise)} that ${noise === 1 ? 'was' : 'were'} not.`,
      )
  }
  if (total.recall !== null)
    said.push(
      `About ${Math.round(100 * total.recall[1])} % of what was wrong was told, as far as anyone said.`,
    )
  const over = load > budget ? `, over the budget of ${budget}` : `, within the budget of ${budget}`
  said.push(`A person gets ${load.toFixed(1)} alerts a shift${over}.`)
  return said.join(' ')
}

const WORDS = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const number = (count: number) => WORDS[count] ?? String(count)
const plural = (count: number, noun: string) => (count === 1 ? noun : `${noun}s`)
const counted = (count: number, noun: string) => `${number(count)} ${plural(count, noun)}`
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
