/** The first `length` characters. A copy: what `slice` gives keeps the whole text in memory. */
export function cutText(text: string, length: number): string {
  return text.length <= length ? text : Buffer.from(text.slice(0, length)).toString()
}
