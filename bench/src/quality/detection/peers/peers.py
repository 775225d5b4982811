"""Scores the cases of the detection benchmark with one published detector, its parameters at their defaults.

usage: peers.py NAME FOLDER     (FOLDER: see exchange/folder.ts)
       peers.py --list

One JSON line on stdout for each case: {"case": index, "cpu_s": seconds, "rss_mb": peak so far}. When a package is not there:
one line {"missing": "what and how to get it"}, exit status 3.

Every detector is fitted on the train rows and then sees the test rows in order. Inputs are standardised by the train rows, as
PyOD's own examples do. Threshold: the 99.9 % quantile of the scores of the train rows, which needs no labels and no
guess of the share of anomalies; Netdata has a rule of its own.
"""

import json
import os
import resource
import sys
import time
import warnings

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

SEED = 1
QUANTILE = 0.999


class Missing(Exception):
    pass


def pyod(module, name, prepare=None, **options):
    """A PyOD detector. ECOD judges a row among all test rows, the later ones too: in its favour.

    `prepare` gives the columns to leave in, and more options, for standardised train rows.
    """

    def score(train, test):
        import importlib

        import numpy as np
        from sklearn.preprocessing import StandardScaler

        try:
            kind = getattr(importlib.import_module(f"pyod.models.{module}"), name)
        except ImportError as error:
            raise Missing(f"{name} of PyOD cannot be loaded ({error})") from error
        scaler = StandardScaler().fit(train)
        train, test = scaler.transform(train), scaler.transform(test)
        columns, more = prepare(train) if prepare else (slice(None), {})
        if test[:, columns].shape[1] == 0:
            return np.zeros(len(test)), np.ones(len(test))
        try:
            detector = kind(**options, **more)
        except ImportError as error:
            raise Missing(f"{name} of PyOD cannot be made ({error})") from error
        detector.fit(train[:, columns])
        scores = np.asarray(detector.decision_function(test[:, columns]), dtype=float)
        return comparable(detector.decision_scores_, scores)

    return score


def with_variance(rows):
    """For PCA: neither columns nor components without variance, by which PyOD's divides and all scores become infinite."""
    import numpy as np

    columns = np.flatnonzero(rows.std(axis=0) > 0)
    if len(columns) == 0:
        return columns, {}
    variances = np.linalg.eigvalsh(np.atleast_2d(np.cov(rows[:, columns].T)))
    return columns, {"n_components": int((variances > 1e-9 * variances.sum()).sum())}


def half_space_trees(train, test):
    """River's half-space trees: scores a row, then learns it. They want values in [0, 1]: river's own scaler before them."""
    import numpy as np
    from river import anomaly, compose, preprocessing

    model = compose.Pipeline(preprocessing.MinMaxScaler(), anomaly.HalfSpaceTrees(seed=SEED))

    def run(rows):
        scores = np.empty(len(rows))
        for i, row in enumerate(rows.tolist()):
            vector = dict(enumerate(row))
            model.learn_one(vector) if i == 0 else None
            scores[i] = model.score_one(vector)
            model.learn_one(vector)
        return scores

    before = run(train)
    # nothing is scored before its first window of 250 rows is full
    return comparable(before[250:] if len(before) > 500 else before, run(test))


class Netdata:
    """One feature after Netdata's machine learning: k-means with k = 2 on vectors of differenced, smoothed and lagged values,
    several models over time; a value is anomalous when every model finds it further out than 99 % of its own range.

    Source: learn.netdata.cloud, "Machine learning and assisted troubleshooting"; defaults diff 1, smooth 3, lag 5, k 2,
    18 models, each of 6 hours and half of it later than the one before (rows are minutes here, not seconds: at least
    900 rows, Netdata's own minimum).
    """

    DIFF, SMOOTH, LAG, MODELS, ROWS = 1, 3, 5, 18, 900

    @staticmethod
    def vectors(columns):
        """(rows, features) -> (rows, features, lag + 1); the first rows repeat the first value."""
        import numpy as np

        pad = Netdata.DIFF + Netdata.SMOOTH - 1 + Netdata.LAG
        padded = np.concatenate([np.repeat(columns[:1], pad, axis=0), columns])
        changed = padded[Netdata.DIFF :] - padded[: -Netdata.DIFF]
        sums = np.cumsum(np.concatenate([np.zeros((1, changed.shape[1])), changed]), axis=0)
        smooth = (sums[Netdata.SMOOTH :] - sums[: -Netdata.SMOOTH]) / Netdata.SMOOTH
        rows = len(columns)
        return np.stack([smooth[Netdata.LAG - j : Netdata.LAG - j + rows] for j in range(Netdata.LAG + 1)], axis=2)

    @staticmethod
    def model(vectors):
        """Centres (2, lag + 1) and the least and greatest distance of the training vectors to them."""
        import numpy as np
        from sklearn.cluster import KMeans

        if (vectors == vectors[0]).all():
            centres = np.repeat(vectors[:1], 2, axis=0)
        else:
            centres = KMeans(2, n_init=1, max_iter=1000, random_state=SEED).fit(vectors).cluster_centers_
        distances = Netdata.distances(vectors, centres)
        return centres, distances.min(), distances.max()

    @staticmethod
    def distances(vectors, centres):
        """Mean of the distances to both centres."""
        import numpy as np

        return sum(np.sqrt(((vectors - centre) ** 2).sum(axis=1)) for centre in centres) / 2


def netdata(train, test):
    """Score: share of the features that are anomalous (the node's anomaly rate), and a little of their mean distance to order
    rows of equal share; threshold: one per cent of the features, Netdata's default for a node."""
    import numpy as np

    rows = np.concatenate([train, test])
    vectors = Netdata.vectors(rows)
    start, width, step = len(train), Netdata.ROWS, Netdata.ROWS // 2
    models = []
    first = max(0, start - width - (Netdata.MODELS - 1) * step)
    ends = list(range(min(start, first + width), start, step)) + [start]
    for end in ends:
        models.append([Netdata.model(vectors[max(0, end - width) : end, f]) for f in range(rows.shape[1])])
    scores = np.empty(len(test))
    for begin in range(start, len(rows), step):
        models = models[-Netdata.MODELS :]
        end = min(len(rows), begin + step)
        least = np.full((end - begin, rows.shape[1]), np.inf)
        for features in models:
            for f, (centres, low, high) in enumerate(features):
                distance = Netdata.distances(vectors[begin:end, f], centres)
                span = max(high - low, 1e-12)
                least[:, f] = np.minimum(least[:, f], (distance - low) / span)
        share = (least >= 0.99).mean(axis=1)
        scores[begin - start : end - start] = share + 1e-4 * np.clip(least, 0, 1).mean(axis=1)
        models.append([Netdata.model(vectors[max(0, end - width) : end, f]) for f in range(rows.shape[1])])
    return scores, np.full(len(test), 0.01)


PEERS = {
    "pyod_iforest": pyod("iforest", "IForest", random_state=SEED),
    "pyod_lof": pyod("lof", "LOF"),
    "pyod_hbos": pyod("hbos", "HBOS"),
    "pyod_pca": pyod("pca", "PCA", with_variance, random_state=SEED),
    "pyod_ecod": pyod("ecod", "ECOD"),
    "pyod_autoencoder": pyod("auto_encoder", "AutoEncoder", random_state=SEED, verbose=0),
    "river_hst": half_space_trees,
    "netdata_kmeans": netdata,
}


def comparable(before, scores):
    """Scores in standard deviations of those of the train rows, so that one threshold can be taken for all files of NAB; and
    the 99.9 % quantile of the latter."""
    import numpy as np

    before = np.asarray(before, dtype=float)
    before = before[np.isfinite(before)]
    mean, deviation = before.mean(), max(before.std(), 1e-9)
    threshold = (np.quantile(before, QUANTILE) - mean) / deviation
    return (scores - mean) / deviation, np.full(len(scores), threshold)


def read(path, width):
    """Rows of `width` values; a missing one takes the one before it, or 0."""
    import numpy as np

    rows = np.fromfile(path, dtype="<f8").reshape(-1, width)
    for column in rows.T:
        missing = ~np.isfinite(column)
        if missing.any():
            index = np.where(missing, 0, np.arange(len(column)))
            np.maximum.accumulate(index, out=index)
            column[:] = np.nan_to_num(column[index], nan=0.0, posinf=0.0, neginf=0.0)
    return rows


def main(name, folder):
    import numpy as np

    with open(os.path.join(folder, "cases.json"), encoding="utf8") as file:
        cases = json.load(file)
    # what is loaded and compiled once is not the cost of a case
    some = np.random.default_rng(SEED).random((400, 2))
    PEERS[name](some[:300], some[300:])
    out = os.path.join(folder, name)
    os.makedirs(out, exist_ok=True)
    for case in cases:
        index, width = case["index"], case["width"]
        train = read(os.path.join(folder, f"{index}.train.f64"), width)
        test = read(os.path.join(folder, f"{index}.test.f64"), width)
        begin = time.process_time()
        scores, thresholds = PEERS[name](train, test)
        cpu = time.process_time() - begin
        # Some give NaN or infinity for rows far outside: as unusual as anything seen.
        finite = scores[np.isfinite(scores)]
        scores = np.nan_to_num(scores, nan=0.0, posinf=finite.max(initial=0.0), neginf=finite.min(initial=0.0))
        scores.astype("<f8").tofile(os.path.join(out, f"{index}.scores.f64"))
        thresholds.astype("<f8").tofile(os.path.join(out, f"{index}.thresholds.f64"))
        (scores > thresholds).astype("u1").tofile(os.path.join(out, f"{index}.flags.u8"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"case": index, "cpu_s": cpu, "rss_mb": peak}), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print(json.dumps(list(PEERS)))
        sys.exit(0)
    warnings.simplefilter("ignore")
    try:
        main(sys.argv[1], sys.argv[2])
    except (ImportError, Missing) as error:
        print(json.dumps({"missing": str(error)}), flush=True)
        sys.exit(3)
