"""Makes tree-shap.json: a forest of scikit-learn and its Shapley values by the shap package.

pip install scikit-learn==1.9.1 shap==0.51.0; python tree-shap.py > tree-shap.json
"""

import json

import numpy as np
import shap
from sklearn.ensemble import RandomForestClassifier

rng = np.random.default_rng(7)
# Multiples of 1/64 are exact in the float32 that scikit-learn compares in.
rows = np.round(rng.normal(size=(400, 6)) * 64) / 64
labels = (rows[:, 0] + rows[:, 1] * rows[:, 2] + 0.5 * rows[:, 3] + 0.3 * rng.normal(size=400) > 0.5).astype(int)
forest = RandomForestClassifier(n_estimators=8, max_depth=5, random_state=3).fit(rows, labels)
probes = np.round(rng.normal(size=(25, 6)) * 2 * 64) / 64
explained = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")(probes)

trees = {name: [] for name in ("roots", "feature", "threshold", "left", "right", "value", "cover")}
for estimator in forest.estimators_:
    tree = estimator.tree_
    offset = len(trees["feature"])
    trees["roots"].append(offset)
    leaf = tree.children_left < 0
    share = tree.value[:, 0, 1] / tree.value[:, 0, :].sum(axis=1)
    trees["feature"] += np.where(leaf, -1, tree.feature).tolist()
    trees["threshold"] += np.where(leaf, 0, tree.threshold).tolist()
    trees["left"] += np.where(leaf, 0, tree.children_left + offset).tolist()
    trees["right"] += np.where(leaf, 0, tree.children_right + offset).tolist()
    trees["value"] += share.tolist()
    trees["cover"] += tree.weighted_n_node_samples.tolist()

print(
    json.dumps(
        {
            "trees": trees,
            "probes": probes.tolist(),
            "base": float(explained.base_values[0, 1]),
            "values": explained.values[:, :, 1].tolist(),
            "probabilities": forest.predict_proba(probes)[:, 1].tolist(),
        },
        separators=(",", ":"),
    )
)
