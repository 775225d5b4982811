import type { Attack } from '../attack.ts'

/**
 * Trains on anomalies as if they were normal. What is learned here has no labels: which rows are normal is the label, and turning it is to learn
 * the others. Each attacker has its own.
 *
 * V. Tolpegin et al., "Data Poisoning Attacks Against Federated Learning Systems", ESORICS 2020.
 */
export const labelFlip: Attack = { name: 'label_flip', craft: ({ poisoned }) => [...poisoned()] }
