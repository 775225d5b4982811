/** A cell of a table of numbers: NaN when it is empty, `nan` or infinite; undefined when it is no number at all. */
export function numberOfCell(text: string): number | undefined {
  if (!isFigure(text)) return undefined
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : Number.NaN
}

export const isFigure = (text: string) =>
  text.trim() === '' ||
  /^\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|nan|inf(inity)?)\s*$/i.test(text)

/** `2014-04-02 14:29:00` (UTC), RFC 3339, or Unix time in seconds or milliseconds: ms since 1970, NaN when it is none. */
export function instant(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) < 1e11 ? Number(text) * 1000 : Number(text)
  const date = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(:\d\d(\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/.exec(text)
  return date === null ? Number.NaN : Date.parse(`${date[1]}T${date[2]}${date[5] ?? 'Z'}`)
}

/** Columns that hold a time. */
export const TIME_COLUMNS: readonly string[] = ['timestamp', 'time']
