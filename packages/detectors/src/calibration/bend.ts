/** Where, with what mass and what local scale a tail of negative shape turns into an exponential one. */
export function bendOf(scale: number, shape: number, mass: number, until: number) {
  if (shape >= 0 || mass <= until) return { at: Number.POSITIVE_INFINITY, mass: 0, scale: 1 }
  const at = (scale / shape) * ((until / mass) ** -shape - 1)
  return { at, mass: until, scale: scale + shape * at }
}
