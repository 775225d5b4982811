/** What a model file must not be taken for: other things, parts of it, one with a byte too many, and ones with a bit flipped. */
export function spoilt(model: Uint8Array): Uint8Array[] {
  const longer = new Uint8Array(model.length + 1)
  longer.set(model)
  const flipped = (at: number) => model.map((byte, i) => (i === at ? byte ^ 0x10 : byte))
  return [
    new Uint8Array(0),
    new TextEncoder().encode('<html>not a model</html>'),
    model.subarray(0, 10),
    model.subarray(0, model.length - 1),
    longer,
    ...Array.from({ length: 40 }, (_, i) => flipped(Math.floor((i * model.length) / 40))),
  ]
}
