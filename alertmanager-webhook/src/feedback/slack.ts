import { z } from 'zod'
import type { Subject } from './link-page.ts'
import { inWords } from './link-page.ts'

/** Of what Slack posts for a button, the part that is used here; the rest is let be. Alertmanager's own buttons are `interactive_message`. */
const ButtonPayload = z.looseObject({
  type: z.enum(['block_actions', 'interactive_message']),
  user: z.looseObject({
    id: z.string().max(128),
    username: z.string().max(128).optional(),
    name: z.string().max(128).optional(),
  }),
  response_url: z.url({ protocol: /^https?$/ }).optional(),
  actions: z
    .array(z.looseObject({ value: z.string().max(1024).optional() }))
    .min(1)
    .max(25),
})

/** A button that was pressed. */
export interface Pressed {
  /** `slack:` and the id of the user there, which nobody else can have. */
  readonly author: string
  readonly userId: string
  readonly token: string
  readonly responseUrl: string | undefined
}

/** @throws z.ZodError, SyntaxError for what is no payload of a button with a value */
export function readPressed(payload: string): Pressed {
  const { user, actions, response_url } = ButtonPayload.parse(JSON.parse(payload))
  const value = z
    .string({ error: 'no action has a value: put the token of a one-click link there' })
    .parse(actions.find(({ value }) => value !== undefined)?.value)
  // Templates have the whole link at hand, and no way to cut it.
  return {
    author: `slack:${user.id}`,
    userId: user.id,
    token: value.slice(value.lastIndexOf('/') + 1),
    responseUrl: response_url,
  }
}

/** What takes the place of the message with the buttons. */
export interface SlackMessage {
  readonly replace_original: true
  readonly text: string
  readonly blocks: readonly unknown[]
}

/** Text of Slack's mrkdwn in which nothing is a mention, a link or a style. */
const plain = (text: string) =>
  text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? '')

export function judgedMessage(
  { name, summary, verdict }: Subject,
  userId: string,
  effect: string | undefined,
): SlackMessage {
  const said = `<@${userId}> called this ${inWords(verdict)}.`
  return message([
    `*${plain(name)}*`,
    ...(summary === null ? [] : [plain(summary)]),
    said,
    ...(effect ? [plain(effect)] : []),
  ])
}

export function refusedMessage({ name }: Subject, reason: string): SlackMessage {
  return message([`*${plain(name)}*`, plain(reason)])
}

function message(lines: readonly string[]): SlackMessage {
  const text = lines.join('\n')
  return { replace_original: true, text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] }
}
