"""Makes scikit-learn.json: a labelled data set, and what scikit-learn learns from it.

pip install scikit-learn==1.9.1; python scikit-learn.py > scikit-learn.json
"""

import json

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

rng = np.random.default_rng(11)
UNIT = 256  # Multiples of 1/256 are exact in the float32 that trees compare in.
LAMBDA = 0.01


def draw(count):
    """Six features that move together; trouble shows in two of them, bent, with noise. One in four is anomalous."""
    shared = rng.normal(size=(count, 1))
    rows = np.round((0.6 * shared + 0.8 * rng.normal(size=(count, 6))) * UNIT).astype(int)
    x = rows / UNIT
    latent = 1.5 * x[:, 0] + x[:, 1] + 0.8 * np.abs(x[:, 2]) - 0.7 * x[:, 3] + 0.7 * rng.normal(size=count)
    return rows, (latent > 1.8).astype(int)


train, labels = draw(300)
test, test_labels = draw(400)
x, y = train / UNIT, labels
balanced = np.where(y == 1, len(y) / 2 / y.sum(), len(y) / 2 / (len(y) - y.sum()))

# Weights that add up without rounding, and a depth at which no two splits are as good as each other: nothing is left to chance.
trees = [
    DecisionTreeClassifier(max_depth=4, min_samples_leaf=5, class_weight={0: 1, 1: 2}, random_state=seed).fit(x, y)
    for seed in range(20)
]
tree = trees[0]
for other in trees:
    assert np.array_equal(other.tree_.threshold, tree.tree_.threshold)
forest = RandomForestClassifier(max_depth=8, min_samples_leaf=2, class_weight="balanced", random_state=0).fit(x, y)
svm = LinearSVC(
    loss="hinge", C=1 / LAMBDA / len(y), class_weight="balanced", tol=1e-10, max_iter=10_000_000, random_state=0
).fit(x, y)
plane = np.append(svm.coef_[0], svm.intercept_[0])
values = svm.decision_function(x)
losses = np.maximum(0, 1 - np.where(y == 1, 1, -1) * values)

# Platt's sigmoid is a logistic regression on soft targets: each value once with either label, weighed by its target.
high, low = (y.sum() + 1) / (y.sum() + 2), 1 / ((1 - y).sum() + 2)
target = np.where(y == 1, high, low)
platt = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000, solver="newton-cholesky").fit(
    np.concatenate([values, values])[:, None],
    np.repeat([1, 0], len(y)),
    sample_weight=np.concatenate([target, 1 - target]),
)

print(
    json.dumps(
        {
            "unit": UNIT,
            "train": train.ravel().tolist(),
            "labels": labels.tolist(),
            "test": test.ravel().tolist(),
            "testLabels": test_labels.tolist(),
            "tree": {
                "feature": np.where(tree.tree_.feature < 0, -1, tree.tree_.feature).tolist(),
                "threshold": np.where(tree.tree_.feature < 0, 0, tree.tree_.threshold).tolist(),
                "cover": tree.tree_.weighted_n_node_samples.tolist(),
                "probabilities": tree.predict_proba(test / UNIT)[:, 1].tolist(),
            },
            "forest": {"accuracy": forest.score(test / UNIT, test_labels)},
            "svm": {
                "lambda": LAMBDA,
                "plane": plane.tolist(),
                "objective": float(LAMBDA / 2 * plane @ plane + np.mean(balanced * losses)),
                "accuracy": svm.score(test / UNIT, test_labels),
            },
            "platt": {
                "values": values.tolist(),
                "slope": float(platt.coef_[0, 0]),
                "shift": float(platt.intercept_[0]),
            },
        },
        separators=(",", ":"),
    )
)
