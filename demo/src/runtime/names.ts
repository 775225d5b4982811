import type { LookupFunction } from 'node:net'
import { experimental } from '@grpc/grpc-js'

const LOOPBACK = '127.0.0.1'

/**
 * Names of services that all mean this machine, as Compose or Kubernetes would resolve them: so that `server.address` on a client span says
 * `payment`, as it does in any real deployment, and not 127.0.0.1 for everybody.
 */
export const lookup: LookupFunction = (_name, options, done) => {
  if (options.all) done(null, [{ address: LOOPBACK, family: 4 }])
  else done(null, LOOPBACK, 4)
}

class ShopResolver implements experimental.Resolver {
  readonly #listener: experimental.ResolverListener
  readonly #port: number
  #answered = false

  constructor(target: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.#listener = listener
    this.#port = Number(target.path.split(':')[1])
  }

  /** Answers once: told the same address again after each failed connection, the client would try without pause. */
  updateResolution(): void {
    if (this.#answered) return
    this.#answered = true
    const endpoints = [{ addresses: [{ host: LOOPBACK, port: this.#port }] }]
    process.nextTick(() => this.#listener({ ok: true, value: endpoints }, {}, null, ''))
  }

  destroy(): void {
    this.#answered = false
  }

  static getDefaultAuthority(target: experimental.GrpcUri): string {
    return target.path
  }
}

/** Makes `shop:NAME:PORT` a target for gRPC clients. */
export function registerShopNames(): void {
  experimental.registerResolver('shop', ShopResolver)
}
