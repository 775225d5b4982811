/** A classifier moves a score by at most what a probability so many times as high or low would. */
const MOST = 10

/**
 * Score of a vector after a classifier had its say, in [0, 1].
 *
 * A score is −log10(p)/6, so odds of k to 1 for an anomaly move it by log10(k)/6, ten to one at most (0.17). Odds against it lower a
 * score below its threshold alike; one at or above it is drawn towards its threshold but never below: an operator is still told, only
 * later in the list. So nothing is silenced by the classifier alone; it may raise a score over its threshold.
 *
 * Never falls as score or probability grows. A probability of 0.5, and one that is not known (NaN), changes nothing; a score of 0
 * (nothing learned, or nothing unusual at all) stays 0.
 *
 * @param probability that it is a true anomaly, by a classifier to which both verdicts count alike
 */
export function rerank(score: number, probability: number, threshold: number): number {
  if (Number.isNaN(probability) || score <= 0) return score
  const odds = Math.max(1 / MOST, Math.min(MOST, probability / (1 - probability)))
  if (odds < 1 && score >= threshold) return Math.min(score, threshold + (score - threshold) * odds)
  return Math.max(0, Math.min(1, score + Math.log10(odds) / 6))
}
