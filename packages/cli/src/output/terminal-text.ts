/** What `styled` makes, and nothing else that begins with an escape: `ESC [ n m` of bold, dim and the plain colours. */
const OWN_STYLE = /^\[(?:[0-2]|22|3[0-79]|9[0-7])m/

/**
 * Text for a terminal. Names, messages and notes come from telemetry and from people: an escape sequence in them could set the title,
 * write over lines or answer for the user; characters that turn the direction of writing make a line read as what it is not. Such
 * characters are shown as `\u001b`; line ends, tabs and our own colours stay.
 */
export function terminalText(text: string): string {
  return text.replaceAll(UNSEEN, (character, at: number) =>
    character === '\u001b' && OWN_STYLE.test(text.slice(at + 1, at + 5)) ? character : escaped(character),
  )
}

/** JSON in which no such character stands by itself: it reads back to the same. */
export const terminalJson = (json: string): string => json.replaceAll(UNSEEN, escaped)

/** A cell of a table, or another text that must stay on its line. */
export const oneLine = (text: string): string => text.replaceAll(/[\n\r\t\u2028\u2029]/g, escaped)

const UNSEEN = /(?![\n\t])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
