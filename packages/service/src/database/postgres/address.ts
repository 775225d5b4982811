/** What a URL of PostgreSQL says. */
interface Address {
  /** A folder of sockets when it begins with a slash. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: boolean
}

const PORT = 5432
const TLS_MODES = ['require', 'verify-ca', 'verify-full']

/** What is wrong with a URL of PostgreSQL; nothing when it can be used. */
export function addressFaults(url: string): string[] {
  const parsed = URL.parse(url)
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol))
    return ['expected a URL such as postgres://adf@db.example:5432/adf']
  const faults: string[] = []
  if (parsed.pathname.length < 2) faults.push('names no database: postgres://user@host:port/database')
  for (const part of [parsed.username, parsed.password, parsed.pathname])
    if (decoded(part) === undefined) faults.push('holds a % that begins no percent-encoding; write it %25')
  for (const [name, value] of parsed.searchParams) {
    if (name === 'sslmode') {
      if (value !== 'disable' && !TLS_MODES.includes(value))
        faults.push(
          `sslmode must be disable, ${TLS_MODES.join(', ')}; each but the first verifies the server`,
        )
    } else if (name === 'host') {
      if (!value.startsWith('/')) faults.push('host as a parameter must be a folder of sockets')
    } else faults.push(`has the parameter ${name}, which is not one of host, sslmode`)
  }
  return faults
}

/** Reads a URL without faults. */
export function readAddress(url: string): Address {
  const parsed = new URL(url)
  const parameters = parsed.searchParams
  const given = (text: string) => (text === '' ? undefined : decoded(text))
  return {
    // Brackets are of URLs only.
    host: parameters.get('host') ?? (parsed.hostname.replace(/^\[|\]$/g, '') || 'localhost'),
    port: parsed.port === '' ? PORT : Number(parsed.port),
    database: decoded(parsed.pathname.slice(1)) ?? '',
    user: given(parsed.username),
    password: given(parsed.password),
    tls: TLS_MODES.includes(parameters.get('sslmode') ?? ''),
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
