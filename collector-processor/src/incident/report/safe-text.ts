/**
 * Names and texts from telemetry are anybody's: in a report they are text and nothing else. Line breaks and other control
 * characters become spaces; so do the characters that turn the direction of writing, which would make a line read as what
 * it is not.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]+/gu
const LONGEST = 200

/** One line of at most 200 characters. */
export function plain(text: string, longest = LONGEST): string {
  const line = text.toWellFormed().replaceAll(UNSEEN, ' ').replaceAll(/\s+/g, ' ').trim()
  const characters = [...line]
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : line
}

/** The line as Markdown text, in a table cell too. A character that means something to Markdown or HTML is escaped. */
export function markdown(text: string, longest = LONGEST): string {
  return plain(text, longest)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~$]/g, '\\$&')
    .replaceAll(/^(\d+)\./g, '$1\\.')
    .replaceAll(/^-/g, '\\-')
    .replaceAll(/(https?):\/\//gi, '$1:&#47;&#47;')
    .replaceAll('@', '&#64;')
}

/** The line as the text of a Mermaid node, between quotes. Mermaid reads `#` and a number as that character. */
export function mermaidLabel(text: string): string {
  return plain(text, 80).replaceAll(/[^\p{L}\p{N} ./:_-]/gu, (character) => `#${character.codePointAt(0)};`)
}
