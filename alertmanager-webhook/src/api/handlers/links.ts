import { feedbackRoutes } from '@adf/contract/feedback'
import { expressPath, requireType, toProblem } from '@adf/service'
import express, { type ErrorRequestHandler, type IRouter, type Request, type Response } from 'express'
import {
  askingPage,
  busyPage,
  expiredPage,
  gonePage,
  thanksPage,
  unknownPage,
  usedPage,
} from '../../feedback/link-page.ts'
import type { OneClick, Opened } from '../../feedback/one-click.ts'
import { pageHeaders } from '../../feedback/page.ts'

const BODY_LIMIT = '32kb'

/**
 * The pages behind one-click links. GET and HEAD change nothing, so that previewers of links, scanners of mail and prefetching browsers do no
 * harm. The token is the permission: nothing else is asked for, and nothing but this one verdict can be given with it.
 *
 * @param effect what the verdict will lead to, in a sentence
 */
export function linkRoutes(
  router: IRouter,
  oneClick: OneClick,
  effect: (opened: Opened) => Promise<string | undefined>,
): void {
  const { showLink, useLink } = feedbackRoutes
  router.get(expressPath(showLink.path), async (request, response) => {
    const opened = await oneClick.open(tokenOf(request))
    const refused = opened && (await refusal(oneClick, opened))
    if (opened === undefined) send(response, 404, unknownPage())
    else if (refused !== undefined) send(response, ...refused)
    else send(response, 200, askingPage(opened.subject))
  })
  router.post(
    expressPath(useLink.path),
    requireType(useLink.body.types),
    express.urlencoded({ extended: false, limit: BODY_LIMIT, parameterLimit: 20 }),
    async (request, response) => {
      const opened = await oneClick.open(tokenOf(request))
      if (opened === undefined) return send(response, 404, unknownPage())
      const refused = await refusal(oneClick, opened)
      if (refused !== undefined) return send(response, ...refused)
      const note = noteOf(request.body)
      try {
        const result = await oneClick.use(opened, { channel: 'link', note })
        if (result.kind === 'used')
          return send(response, 200, usedPage(opened.subject, result.atMs, await oneClick.standing(opened)))
        send(response, 200, thanksPage(opened.subject, await effect(opened).catch(() => undefined)))
      } catch (error) {
        sendProblem(response, opened, note, error)
      }
    },
  )
  // What is wrong with a request is said as a page, too, to whoever sees pages.
  router.use(expressPath(showLink.path), ((error, request, _response, next) => {
    next(request.accepts('html') ? error : toProblem(error))
  }) satisfies ErrorRequestHandler)
}

const tokenOf = (request: Request): string => String(request.params['token'] ?? '')

/** Why an authentic link does nothing any more. */
async function refusal(oneClick: OneClick, opened: Opened): Promise<[number, string] | undefined> {
  const { subject, link, usedMs, expired } = opened
  if (usedMs !== undefined) return [200, usedPage(subject, usedMs, await oneClick.standing(opened))]
  return expired ? [410, expiredPage(subject, link.expiresMs)] : undefined
}

function noteOf(body: unknown): string {
  return feedbackRoutes.useLink.body.schema.parse(body ?? {}).note?.trim() ?? ''
}

/** A fault that passes leaves the note in the form; others say what happened. */
function sendProblem(response: Response, { subject }: Opened, note: string, error: unknown): void {
  const problem = toProblem(error)
  const { status } = problem
  response.set(problem.headers)
  if (status === 503) {
    const fault = 'It cannot be stored just now. Your note is kept below; try again in a few seconds.'
    send(response, 503, askingPage(subject, { note, fault }))
  } else if (status === 429) send(response, 429, busyPage(problem.headers['retry-after'] ?? '60'))
  else if (status === 404 || status === 410) send(response, status, gonePage(problem.detail))
  else throw error
}

function send(response: Response, status: number, html: string): void {
  response.status(status).set(pageHeaders).type('text/html').send(html)
}
