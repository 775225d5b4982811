import type { Template } from './template.ts'

const SEED = 0x9e3779b9
/** Of the upper word: numbers of 53 bits are exact. */
const UPPER = 2 ** 21 - 1

/**
 * Number of a template, the same in whatever process has mined it: of the name of its service and of its words as they stand, values
 * and places where words vary alike. 53 bits, so that among a million templates two have the same number once in eighteen
 * thousand installations. From 1.
 */
export function idOf(template: Template, service: string): number {
  if (template.id !== 0) return template.id
  let a = SEED
  let b = template.words.length
  const mix = (word: number) => {
    a = Math.imul(a ^ word, 0x85ebca6b)
    a ^= a >>> 15
    b = Math.imul((b << 5) ^ (b >>> 27) ^ word, 0xc2b2ae35)
    b ^= b >>> 13
  }
  for (let i = 0; i < service.length; i++) mix(service.charCodeAt(i))
  for (const word of template.words) mix(word)
  mix(a ^ b)
  template.id = Math.max(1, (b & UPPER) * 2 ** 32 + (a >>> 0))
  return template.id
}
