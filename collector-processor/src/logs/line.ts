/** Number of the token that stands for a value that varies. No word hashes to it but by an accident that does no harm. */
export const VALUE = 0
/** Number of a token of a template that stands for words that turned out to vary (see miner.ts). */
export const ANY = 1

/** Tokens of a line at most; the rest is one value. */
const MAX_TOKENS = 64

/**
 * A line cut into tokens: words, and values, of which those in a row are one, so that lists and dumps of any length are
 * alike. Reused from line to line.
 */
export class Line {
  length = 0
  /** By token: hash of the word, or VALUE. */
  readonly words = new Int32Array(MAX_TOKENS)
  /** Where the token is in the buffer that it was read from. */
  readonly starts = new Uint32Array(MAX_TOKENS)
  readonly ends = new Uint32Array(MAX_TOKENS)
  /** 0: the body of the record; 1: `unescaped`. */
  readonly buffers = new Uint8Array(MAX_TOKENS)
  /** Strings of JSON without their escapes; `used` of it. */
  unescaped = new Uint8Array(1024)
  used = 0
  /** Buffer that tokens are being read from. */
  buffer = 0

  reset(): void {
    this.length = 0
    this.used = 0
    this.buffer = 0
  }

  get full(): boolean {
    return this.length >= MAX_TOKENS
  }

  word(hash: number, start: number, end: number): void {
    // two numbers are taken
    this.push(hash === VALUE || hash === ANY ? 2 : hash, start, end)
  }

  value(start: number, end: number): void {
    const last = this.length - 1
    if (last < 0 || this.words[last] !== VALUE) this.push(VALUE, start, end)
    else if (this.buffers[last] === this.buffer) this.ends[last] = end
  }

  /** Makes the tokens from `from` on one value. */
  fold(from: number, start: number, end: number): void {
    const first = from < this.length ? Math.min(start, this.starts[from]!) : start
    this.length = Math.min(this.length, from)
    this.value(first, end)
  }

  private push(word: number, start: number, end: number): void {
    const { length } = this
    if (length >= MAX_TOKENS) return
    this.words[length] = word
    this.starts[length] = start
    this.ends[length] = end
    this.buffers[length] = this.buffer
    this.length = length + 1
  }
}
