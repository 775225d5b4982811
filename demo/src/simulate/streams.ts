import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { STREAMS, type StreamName } from './events.ts'

const FOLDER = new URL('../../../provisioning/streams/', import.meta.url)

/** A declaration of a stream; what matters here of it. */
export interface ExampleStream {
  readonly features: Readonly<Record<string, object>>
}

/** The part `streams` of a configuration that takes the simulated events, by the example files. */
export function exampleStreams(): Record<StreamName, ExampleStream> {
  const files = STREAMS.map((name) => parse(readFileSync(new URL(`${name}.yaml`, FOLDER), 'utf8')))
  return Object.assign({}, ...files.map(({ streams }: { streams: object }) => streams))
}
