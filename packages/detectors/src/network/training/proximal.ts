import * as tf from '@tensorflow/tfjs-core'

/**
 * The proximal term of FedProx (T. Li et al., MLSys 2020): ½μ‖w − w₀‖² beside the loss, which holds weights near those that training began
 * with. A site with unusual data, or many steps, then does not pull the global weights far away from everybody else's.
 */
export class Proximal {
  readonly #strength: number
  readonly #variables: readonly tf.Variable[]
  readonly #begin: readonly tf.Tensor[]

  /** @param strength μ: 0 holds nothing */
  constructor(variables: readonly tf.Variable[], strength: number) {
    this.#strength = strength
    this.#variables = strength > 0 ? variables : []
    this.#begin = this.#variables.map((variable) => tf.clone(variable))
  }

  /** Gradients of the loss with those of the term; to be called within `tf.tidy`. */
  added(grads: tf.NamedTensorMap): tf.NamedTensorMap {
    const all = { ...grads }
    for (const [i, variable] of this.#variables.entries()) {
      const pull = tf.mul(tf.sub(variable, this.#begin[i]!), this.#strength)
      all[variable.name] = tf.add(grads[variable.name]!, pull)
    }
    return all
  }

  dispose(): void {
    tf.dispose([...this.#begin])
  }
}
