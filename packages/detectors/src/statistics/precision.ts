/** Largest numbers of either precision: larger ones would be stored as infinite. */
const LARGEST_SINGLE = 3.4e38
const LARGEST_HALF = 65_504

const drawnTo = (largest: number, value: number) => Math.max(-largest, Math.min(largest, value))

/** A number in the range of single precision. */
export const single = (value: number): number => drawnTo(LARGEST_SINGLE, value)

/** A number in the range of half precision. */
export const half = (value: number): number => drawnTo(LARGEST_HALF, value)
