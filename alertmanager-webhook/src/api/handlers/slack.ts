import { feedbackRoutes } from '@adf/contract/feedback'
import { expressPath, type Logger, ProblemError, requireType, toProblem } from '@adf/service'
import express, { type IRouter } from 'express'
import { inWords } from '../../feedback/link-page.ts'
import type { FeedbackMetrics } from '../../feedback/metrics.ts'
import type { OneClick, Opened } from '../../feedback/one-click.ts'
import { judgedMessage, readPressed, refusedMessage, type SlackMessage } from '../../feedback/slack.ts'
import { isSignedBySlack } from '../../feedback/slack-signature.ts'

export interface SlackOptions {
  readonly oneClick: OneClick
  /** Signing secrets; none: nobody can press a button here. */
  readonly keys: readonly string[]
  /** Hosts that answers may be posted to. */
  readonly responseHosts: readonly string[]
  readonly effect: (opened: Opened) => Promise<string | undefined>
  readonly clock: () => number
  readonly metrics: FeedbackMetrics
  readonly log: Pick<Logger, 'warn'>
}

const BODY_LIMIT = '256kb'
const RESPONSE_TIMEOUT_MS = 5000

/** Buttons in Slack, and in what speaks its protocol. The body is checked as it came, byte by byte. */
export function slackRoutes(router: IRouter, options: SlackOptions): void {
  const { oneClick, keys, effect, clock } = options
  const { path, body } = feedbackRoutes.slackInteraction
  router.post(
    expressPath(path),
    requireType(body.types),
    express.raw({ limit: BODY_LIMIT, type: () => true }),
    async (request, response) => {
      if (keys.length === 0)
        throw new ProblemError(
          'not_found',
          'buttons are not set up here: feedback.slack has no signing secret',
        )
      const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const signed = {
        timestamp: request.get('x-slack-request-timestamp'),
        signature: request.get('x-slack-signature'),
        body: bytes,
      }
      if (!isSignedBySlack(signed, keys, clock()))
        throw new ProblemError(
          'unauthenticated',
          'the signature does not fit, or the request is older than five minutes; nothing was stored',
        )
      const form = body.schema.parse(Object.fromEntries(new URLSearchParams(bytes.toString('utf8'))))
      const pressed = readPayload(form.payload)
      const opened = await oneClick.open(pressed.token)
      if (opened === undefined)
        throw new ProblemError('not_found', 'the value of this button is no link of ours')
      const answer = await answerTo(options, opened, pressed.author, pressed.userId, effect)
      if (pressed.responseUrl !== undefined) void postAnswer(options, pressed.responseUrl, answer)
      response.status(200).json(answer)
    },
  )
}

function readPayload(payload: string) {
  try {
    return readPressed(payload)
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ProblemError('malformed_body', 'payload is not JSON', { cause: error })
    throw error
  }
}

/** Refusals are messages too: whoever pressed the button sees nothing else. What passes is thrown, so that the button can be pressed again. */
async function answerTo(
  { oneClick }: SlackOptions,
  opened: Opened,
  author: string,
  userId: string,
  effect: SlackOptions['effect'],
): Promise<SlackMessage> {
  const { subject, usedMs, expired } = opened
  if (usedMs === undefined && expired)
    return refusedMessage(subject, 'This button has expired; nothing was recorded.')
  try {
    const result = usedMs === undefined ? await oneClick.use(opened, { channel: 'slack', author }) : undefined
    if (result === undefined || result.kind === 'used') {
      const standing = await oneClick.standing(opened)
      const now = standing === null ? 'taken back since' : `it counts as ${inWords(standing)} now`
      return refusedMessage(subject, `Somebody pressed this button before: ${now}.`)
    }
    return judgedMessage(subject, userId, await effect(opened).catch(() => undefined))
  } catch (error) {
    const problem = toProblem(error)
    if (problem.status !== 404 && problem.status !== 410) throw error
    return refusedMessage(subject, problem.detail)
  }
}

/** Slack itself takes the message that takes its place by this way only. */
async function postAnswer(
  { responseHosts, metrics, log }: SlackOptions,
  url: string,
  answer: SlackMessage,
): Promise<void> {
  const { hostname } = new URL(url)
  if (!responseHosts.includes(hostname)) {
    metrics.failures.inc({ work: 'slack_answer' })
    log.warn(
      { host: hostname },
      'the answer to a button was not posted: its host is not in feedback.slack.response_hosts',
    )
    return
  }
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(answer),
      redirect: 'error',
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`status ${response.status}`)
  } catch (error) {
    metrics.failures.inc({ work: 'slack_answer' })
    log.warn({ err: error }, 'the answer to a button was not posted; the verdict is stored')
  }
}
