import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { STREAMS } from './events.ts'

const FOLDER = new URL('../../../provisioning/streams/', import.meta.url)

/** The part `streams` of a configuration that takes the simulated events, by the example files. */
export function exampleStreams(): Record<string, unknown> {
  const files = STREAMS.map((name) => parse(readFileSync(new URL(`${name}.yaml`, FOLDER), 'utf8')))
  return Object.assign({}, ...files.map(({ streams }: { streams: object }) => streams))
}
