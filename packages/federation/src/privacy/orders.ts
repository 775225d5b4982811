/**
 * Orders α at which the Rényi divergence is followed: fractions where noise is weak, whole ones up to where it is so strong that a
 * thousand rounds cost next to nothing.
 */
export const ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 53 }, (_, i) => i + 11),
  ...[72, 80, 96, 112, 128, 160, 192, 256, 384, 512, 1024],
]
