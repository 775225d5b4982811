const DAY_MS = 86_400_000
/** 1970-01-01 was a Thursday: a week that begins on Monday begins so many days before a Thursday midnight. */
const MONDAY_MS = 3 * DAY_MS
const SUNDAY = 6

/** Days as people live them: local time at a fixed offset from UTC (summer time is not known), weeks from Monday, holidays by name. */
export class Calendar {
  readonly #offsetMs: number
  readonly #holidays: ReadonlySet<number>

  /** @param holidays ISO dates (`2026-12-25`), local; throws a RangeError for what is none */
  constructor(holidays: readonly string[] = [], utcOffsetMinutes = 0) {
    this.#offsetMs = utcOffsetMinutes * 60_000
    this.#holidays = new Set(holidays.map(dayOf))
  }

  local(timeMs: number): number {
    return timeMs + this.#offsetMs + MONDAY_MS
  }

  holiday(timeMs: number): boolean {
    return this.#holidays.size > 0 && this.#holidays.has(Math.floor((timeMs + this.#offsetMs) / DAY_MS))
  }

  /** The same time of day on the Sunday of that week. */
  sunday(localMs: number): number {
    const days = Math.floor(localMs / DAY_MS)
    return localMs + (SUNDAY - (((days % 7) + 7) % 7)) * DAY_MS
  }
}

function dayOf(text: string): number {
  const timeMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(timeMs)) throw new RangeError(`holiday ${text} is not a date such as 2026-12-25`)
  return timeMs / DAY_MS
}

export const WEEK_MS = 7 * DAY_MS
export { DAY_MS }
