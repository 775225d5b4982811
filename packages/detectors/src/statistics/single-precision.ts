const LARGEST = 3.4e38

/** A number in the range of single precision, so that storing it there never makes it infinite. */
export const single = (value: number): number => Math.max(-LARGEST, Math.min(LARGEST, value))
