/** Services whose logs are mined. */
const MAX_SERVICES = 20_000

/** Numbers of services by their names, from 1. */
export class ServiceNumbers {
  /** Times that a service found no room. */
  refused = 0
  readonly #numbers = new Map<string, number>()
  readonly #names: string[] = ['']
  /** Number of the service that was asked for last. */
  #last = 0

  /** 0 when it has no name, or no room. */
  of(service: string): number {
    if (service === this.#names[this.#last]) return this.#last
    if (service === '') return 0
    let number = this.#numbers.get(service)
    if (number === undefined) {
      if (this.#names.length > MAX_SERVICES) {
        this.refused++
        return 0
      }
      number = this.#names.push(service) - 1
      this.#numbers.set(service, number)
    }
    this.#last = number
    return number
  }

  /** 0 when it has none. */
  known(service: string): number {
    return this.#numbers.get(service) ?? 0
  }

  /** Of a number that was given out. */
  name(number: number): string {
    return this.#names[number] ?? ''
  }

  all(): { readonly name: string; readonly number: number }[] {
    return this.#names.map((name, number) => ({ name, number })).slice(1)
  }
}
