"""Makes classic.json: what scikit-learn and PyOD say of vectors that classic.test.ts gives to our detectors.

python -m venv venv && venv/bin/pip install scikit-learn==1.9.1 pyod==3.6.7 numpy==2.4.6
venv/bin/python classic.py > classic.json
"""

import json

import numpy as np
from pyod.models.hbos import HBOS
from pyod.models.lof import LOF
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor

FEATURES = 5
NEIGHBOURS = 20
COMPONENTS = 2
BINS = 20

rng = np.random.default_rng(7)


def vectors(count):
    """Two states (busy, idle); the first three features follow one load, the others are by themselves."""
    load = rng.normal(size=(count, 1))
    loadings = np.array([[1.0, 0.8, -0.6, 0.0, 0.0]])
    noise = rng.normal(size=(count, FEATURES)) * np.array([0.3, 0.3, 0.3, 1.0, 1.0])
    busy = (rng.random((count, 1)) < 0.5) * np.array([[3.0, 0.0, 0.0, 3.0, 0.0]])
    return np.array([100.0, 5.0, 0.5, 40.0, 7.0]) + (load * loadings + noise + busy) * np.array([5.0, 0.2, 0.05, 2.0, 1.0])


train = np.round(vectors(300), 4)
probes = vectors(120)
odd = rng.choice(len(probes), 30, replace=False)
for probe in odd:
    probes[probe, rng.integers(FEATURES)] *= 1 + rng.uniform(0.2, 1)
probes = np.round(probes, 4)

# As Standardiser does it: the upper median, and the root mean square distance from it.
center = np.sort(train, axis=0)[len(train) >> 1]
scale = np.sqrt(np.mean((train - center) ** 2, axis=0))
z_train, z_probes = (train - center) / scale, (probes - center) / scale

lof = LocalOutlierFactor(n_neighbors=NEIGHBOURS, novelty=True).fit(z_train)
pca = PCA(n_components=COMPONENTS).fit(z_train)
expected = pca.inverse_transform(pca.transform(z_probes)) * scale + center
forest = IsolationForest(n_estimators=1000, max_samples=256, random_state=1).fit(z_train)
# Without its smoothing, which would put a density of 0.1 beneath everything.
hbos = HBOS(n_bins=BINS, alpha=1e-6).fit(z_train)
pyod_lof = LOF(n_neighbors=NEIGHBOURS).fit(z_train)

print(
    json.dumps(
        {
            "neighbours": NEIGHBOURS,
            "components": COMPONENTS,
            "bins": BINS,
            "train": train.tolist(),
            "probes": probes.tolist(),
            "lof": (-lof.score_samples(z_probes)).tolist(),
            "pyodLof": pyod_lof.decision_function(z_probes).tolist(),
            "pcaExpected": expected.tolist(),
            "isolationForest": (-forest.score_samples(z_probes)).tolist(),
            "hbos": hbos.decision_function(z_probes).tolist(),
        }
    )
)
