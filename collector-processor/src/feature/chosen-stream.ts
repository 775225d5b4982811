import type { FeatureSpec, FeatureVector, StreamSpec } from '../scoring/vector.ts'
import { HOST_STREAM, SERVICE_STREAM } from './builtin-streams.ts'
import type { FeatureReport } from './entity-report.ts'
import type { DeclaredStream } from './streams.ts'

/** A declared stream of kind `service` or `host`: some of the standard features, under names and limits of its own. */
export class ChosenStream {
  readonly spec: StreamSpec
  readonly kind: 'service' | 'host'
  readonly #places: readonly number[]

  constructor(name: string, kind: 'service' | 'host', declared: DeclaredStream) {
    this.kind = kind
    const standard = (kind === 'service' ? SERVICE_STREAM : HOST_STREAM).features
    const features: FeatureSpec[] = []
    const places: number[] = []
    for (const [feature, { source, unit, direction, symptom, min, max }] of Object.entries(
      declared.features,
    )) {
      const place = standard.findIndex((one) => one.name === (source ?? feature))
      const from = standard[place]
      if (from === undefined) throw new RangeError(`stream ${name}: no standard feature ${source ?? feature}`)
      places.push(place)
      features.push({
        name: feature,
        unit: unit ?? from.unit,
        direction: direction ?? from.direction,
        symptom: symptom ?? from.symptom,
        min: min ?? from.min,
        max: max ?? from.max,
      })
    }
    this.spec = { name, entityKind: kind, features }
    this.#places = places
  }

  /** Its vector out of a standard one; undefined when none of its features has a value. */
  choose(vector: FeatureVector): FeatureVector | undefined {
    const values = Float64Array.from(this.#places, (place) => vector.values[place]!)
    return values.every(Number.isNaN) ? undefined : { ...vector, stream: this.spec, values }
  }

  /** Its features out of the report of the standard ones. */
  report(standard: readonly FeatureReport[]): FeatureReport[] {
    return this.spec.features.map(({ name, unit }, at) => ({ ...standard[this.#places[at]!]!, name, unit }))
  }
}
