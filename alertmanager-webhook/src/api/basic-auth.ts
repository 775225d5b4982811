import type { RequestHandler } from 'express'

/** Takes basic auth with any user name and the token as password (RFC 7617) for the bearer token; `http_config` of Alertmanager can send both. */
export const basicAsBearer: RequestHandler = (request, _response, next) => {
  const [, encoded] = /^basic +([\w+/]+=*) *$/i.exec(request.headers.authorization ?? '') ?? []
  if (encoded !== undefined) {
    const credentials = Buffer.from(encoded, 'base64').toString('utf8')
    const colon = credentials.indexOf(':')
    if (colon >= 0) request.headers.authorization = `Bearer ${credentials.slice(colon + 1)}`
  }
  next()
}
