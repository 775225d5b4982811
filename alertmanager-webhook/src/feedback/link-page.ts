import type { VerdictValue } from '@adf/contract'
import { escaped, page } from './page.ts'

/** What a link is about, in words; null fields are not known here. */
export interface Subject {
  /** `ADFIncident payment`, or the name of another alert. */
  readonly name: string
  readonly summary: string | null
  readonly startedAt: string | null
  readonly verdict: VerdictValue
}

/** As buttons and answers say it. */
export const inWords = (verdict: VerdictValue): string => (verdict === 'true_positive' ? 'useful' : 'noise')

const time = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`

function about({ name, summary, startedAt }: Subject): string {
  const since = startedAt === null ? '' : ` <span class="quiet">since ${escaped(time(startedAt))}</span>`
  return `<p><strong>${escaped(name)}</strong>${since}</p>${summary === null ? '' : `<p>${escaped(summary)}</p>`}`
}

/** Asks, and changes nothing: the button posts to this very address. `note` is what was written before, when it could not be stored. */
export function askingPage(
  subject: Subject,
  { note = '', fault }: { note?: string; fault?: string } = {},
): string {
  const word = inWords(subject.verdict)
  const told = fault === undefined ? '' : `<p role="alert"><strong>${escaped(fault)}</strong></p>`
  return page(
    fault === undefined ? `Was this alert ${word}?` : 'Not recorded yet',
    `${told}${about(subject)}
<form method="post">
<label for="note">Note (optional)</label>
<textarea id="note" name="note" maxlength="4096">${escaped(note)}</textarea>
<button type="submit">${fault === undefined ? `Yes, it was ${word}` : `Try again: it was ${word}`}</button>
</form>
<p class="quiet">Nothing is recorded until you press the button. The link works once.</p>`,
  )
}

/** What the tuner will make of it, in a sentence; undefined: nothing to say. */
export function thanksPage(subject: Subject, effect: string | undefined): string {
  return page(
    `Thanks. Recorded as ${inWords(subject.verdict)}.`,
    `${about(subject)}${effect === undefined ? '' : `<p>${escaped(effect)}</p>`}
<p class="quiet">${revising}</p>`,
  )
}

export function usedPage(subject: Subject, atMs: number, standing: VerdictValue | null): string {
  const now =
    standing === null
      ? 'That verdict was taken back since.'
      : `The verdict that stands now: <strong>${inWords(standing)}</strong>.`
  return page(
    'This link was used already',
    `${about(subject)}<p>It recorded “${inWords(subject.verdict)}” at ${escaped(time(new Date(atMs).toISOString()))}. ${now}</p>
<p class="quiet">${revising}</p>`,
  )
}

export function expiredPage(subject: Subject, expiredMs: number): string {
  return page(
    'This link has expired',
    `${about(subject)}<p>It was good until ${escaped(time(new Date(expiredMs).toISOString()))}; nothing was recorded.</p>
<p class="quiet">A verdict can still be given with <code>adf feedback</code>, by <code>POST /api/feedback</code>, or on the page of the incident.</p>`,
  )
}

export function gonePage(detail: string): string {
  return page('This can no longer be judged', `<p>${escaped(detail)}</p>`)
}

/** Tells nothing: neither whether there is such an incident, nor what is wrong with the link. */
export const unknownPage = (): string =>
  page('There is no such page', '<p>Check that the link was copied as a whole.</p>')

export const busyPage = (seconds: string): string =>
  page('Too many at once', `<p>Nothing was recorded. Try again in ${escaped(seconds)} s.</p>`)

const revising =
  'To change it, use the other link of the alert, <code>adf feedback</code>, or the page of the incident: the latest word counts.'
