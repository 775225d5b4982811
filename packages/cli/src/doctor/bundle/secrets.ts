import { readFileSync } from 'node:fs'
import { isSecretName, withoutCredentials } from '@adf/service'

const SECRET = '(secret)'
/** Shorter ones would be found in words that are none. */
const SHORTEST = 6
/** A file that is longer holds no password. */
const LONGEST_FILE = 64 * 1024

/**
 * Every text that a configuration keeps secret, and what the files hold that it names for that: so that they can be looked for wherever else they
 * may have got to. Longest first.
 */
export function secretsOf(config: unknown, more: readonly (string | undefined)[] = []): string[] {
  const found = new Set<string>()
  const add = (text: string) => {
    for (const part of spellings(text)) if (part.length >= SHORTEST) found.add(part)
  }
  const walk = (value: unknown, name: string, inHeaders: boolean): void => {
    if (typeof value === 'string') {
      if (inHeaders || isSecretName(name)) add(value.replace(/^(Basic|Bearer) +/i, ''))
      else if (name.endsWith('_file') && isSecretName(name.slice(0, -'_file'.length)))
        linesOf(value).forEach(add)
      else partsOf(value).forEach(add)
    } else if (Array.isArray(value)) for (const item of value) walk(item, name, inHeaders)
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, key, inHeaders || name === 'headers')
  }
  walk(config, '', false)
  for (const text of more) if (text !== undefined) add(text)
  return [...found].sort((a, b) => b.length - a.length)
}

/** The text without these, without what looks like a token of ADF, of HTTP or an address with a password. */
export function redacted(text: string, secrets: readonly string[]): string {
  let shown = text
  for (const secret of secrets) shown = shown.replaceAll(secret, SECRET)
  return shown
    .replaceAll(/\badf_[\w-]{20,}/g, SECRET)
    .replaceAll(/\b(Bearer|Basic) +[\w\-.~+/]{6,}=*/gi, `$1 ${SECRET}`)
    .replaceAll(/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>\\)]+/gi, withoutCredentials)
}

/** As it stands in the configuration, in an address, and in JSON. */
function spellings(text: string): string[] {
  const decoded = decode(text)
  return [text, decoded, encodeURIComponent(decoded), JSON.stringify(text).slice(1, -1)]
}

/** User, password and values of the parameters of an address. */
function partsOf(text: string): string[] {
  const url = text.includes('://') ? URL.parse(text) : null
  if (url === null || withoutCredentials(text) === text) return []
  const pair = url.password === '' ? [url.username] : [url.password]
  return [...pair, ...url.searchParams.values(), url.hash.slice(1)]
}

function linesOf(file: string): string[] {
  try {
    const text = readFileSync(file, 'utf8')
    return text.length > LONGEST_FILE ? [] : text.split('\n').map((line) => line.trim())
  } catch {
    // What cannot be read here is not in the bundle either.
    return []
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
