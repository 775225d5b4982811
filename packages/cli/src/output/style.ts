import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Colours text for a stream; plain where the stream is no terminal, or by NO_COLOR or --no-color. */
export function styled(format: Format, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(format, text, { stream })
}
