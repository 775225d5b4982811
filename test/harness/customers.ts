const EVERY_MS = 100

/** Customers who look into carts of the demo's shop, one every tenth of a second. */
export function startCustomers(cart: string): { stop(): void } {
  let count = 0
  const timer = setInterval(() => {
    // They do not mind a shop that is away: they come again.
    fetch(`${cart}/carts/u-${++count % 50}`)
      .then((response) => response.arrayBuffer())
      .catch(() => {})
  }, EVERY_MS)
  return { stop: () => clearInterval(timer) }
}
