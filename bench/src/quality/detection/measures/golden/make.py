"""Writes golden.json: what the authors' own code gives for seeded labels and scores. Run by hand:

    python3 -m venv v && v/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 statsmodels==0.15.0
    v/bin/pip install --no-deps --target tsb TSB-AD==1.5
    v/bin/python make.py --tsb tsb --nab NAB --mvts mvts-ano-eval/src/evaluation > golden.json

NAB is a checkout of numenta/NAB (nab/sweeper.py, version 1.1), mvts-ano-eval one of astha-chem/mvts-ano-eval.

    measure          code that gives it
    vus_pr, window   TSB_AD.evaluation.basic_metrics.generate_curve, TSB_AD.utils.slidingWindows.find_length_rank
    auc_pr           sklearn.metrics.average_precision_score
    f1, f1_best      sklearn.metrics.f1_score, precision_recall_curve
    f1_event         fc_score.get_composite_fscore_raw
    affiliation      TSB_AD.evaluation.affiliation.metrics.pr_from_events (the authors' own package within TSB-AD)
    nab              nab.sweeper.Sweeper, normalised as NAB's runner: 100 (score - null) / (perfect - null)
"""

import argparse
import importlib.util
import json
import sys
import warnings

import numpy as np
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

parser = argparse.ArgumentParser()
for name in ("tsb", "nab", "mvts"):
    parser.add_argument(f"--{name}", required=True)
paths = parser.parse_args()
sys.path[:0] = [paths.nab, paths.mvts, f"{paths.tsb}/TSB_AD/evaluation"]
warnings.simplefilter("ignore")


def module(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


sys.path.insert(0, paths.tsb)
metrics = module("basic_metrics", f"{paths.tsb}/TSB_AD/evaluation/basic_metrics.py")
windows = module("slidingWindows", f"{paths.tsb}/TSB_AD/utils/slidingWindows.py")
from affiliation.generics import convert_vector_to_events  # noqa: E402
from affiliation.metrics import pr_from_events  # noqa: E402
from fc_score import get_composite_fscore_raw, get_events  # noqa: E402
from nab.sweeper import Sweeper  # noqa: E402

STANDARD = {"tpWeight": 1.0, "fpWeight": 0.11, "fnWeight": 1.0, "tnWeight": 1.0}


def rounded(values):
    return [float(f"{value:.6g}") for value in values]


def vector(rng, rows, segments, noise, window, share):
    labels = np.zeros(rows, int)
    for first, last in segments:
        labels[first : last + 1] = 1
    scores = np.array(rounded(noise(rng, labels)))
    flags = (scores >= np.quantile(scores, 1 - share)).astype(int) if share > 0 else np.zeros(rows, int)
    *_, vus_pr = metrics.generate_curve(labels, scores, window)
    precision, recall, _ = precision_recall_curve(labels, scores)
    both = np.maximum(precision + recall, 1e-300)
    near = pr_from_events(convert_vector_to_events(flags), convert_vector_to_events(labels), (0, rows))
    p, r = near["Affiliation_Precision"], near["Affiliation_Recall"]
    return {
        "segments": segments,
        "rows": rows,
        "scores": scores.tolist(),
        "flags": np.flatnonzero(flags).tolist(),
        "window": window,
        "vus_pr": float(vus_pr),
        "auc_pr": float(average_precision_score(labels, scores)),
        "f1": float(f1_score(labels, flags)),
        "f1_best": float((2 * precision * recall / both).max()),
        "f1_event": float(get_composite_fscore_raw(flags, get_events(labels), labels)) if flags.any() else 0.0,
        "affiliation_precision": None if np.isnan(p) else float(p),
        "affiliation_recall": float(r),
    }


def vectors():
    rng = np.random.default_rng(7)
    spread = [[100, 130], [150, 155], [300, 300], [420, 460], [598, 599]]
    edges = [[0, 20], [400, 499]]
    near = [[50, 60], [62, 62], [70, 90]]
    gauss = lambda lift: lambda g, y: np.abs(g.standard_normal(len(y)) + lift * y)
    coarse = lambda g, y: np.round(np.abs(g.standard_normal(len(y)) + 1.2 * y))
    return [
        vector(rng, 600, spread, gauss(2.0), 20, 0.1),
        vector(rng, 600, spread, coarse, 35, 0.2),
        vector(rng, 500, edges, gauss(1.0), 60, 0.05),
        vector(rng, 300, near, gauss(0.5), 125, 0.3),
        vector(rng, 300, near, lambda g, y: y * 0.0, 10, 0),
        vector(rng, 400, [[200, 200]], gauss(0.0), 7, 0.02),
        vector(rng, 400, [[10, 390]], gauss(1.0), 100, 0.9),
        vector(rng, 200, [[90, 110]], lambda g, y: y * 1.0, 30, 0.1),
    ]


def series():
    rng = np.random.default_rng(11)
    t = np.arange(900)
    wave = lambda period: np.sin(2 * np.pi * t / period)
    made = {
        "period of 24": wave(24) + 0.2 * rng.standard_normal(900),
        "long and short": wave(150) + 0.5 * wave(13) + 0.1 * rng.standard_normal(900),
        "noise": rng.standard_normal(900),
        "random walk": rng.standard_normal(900).cumsum(),
        "longer than allowed": wave(350) + 0.01 * rng.standard_normal(900),
        "trend": t * 1.0,
        "constant": t * 0.0 + 3,
        "few rows": rng.standard_normal(30),
    }
    result = []
    for name, values in made.items():
        values = np.array(rounded(values))
        result.append({"name": name, "values": values.tolist(), "window": int(windows.find_length_rank(values.reshape(-1, 1)))})
    return result


def nab():
    """Two corpora: many windows and files; the second with coarse scores, and one file that has no window."""
    rng = np.random.default_rng(13)
    result = []
    for shape in ([(400, [[100, 139], [300, 339]]), (600, [[200, 259]])], [(300, [[60, 89]]), (500, []), (700, [[150, 219], [600, 669]])]):
        files, points, null = [], [], 0
        sweeper = Sweeper(0.15, STANDARD)
        for number, (rows, limits) in enumerate(shape):
            lift = np.zeros(rows)
            for first, last in limits:
                lift[first : last + 1] = 0.25
            scores = np.clip(np.round(rng.random(rows) ** 3 + lift * rng.random(rows), 4 if len(shape) == 2 else 1), 0, 1)
            points += sweeper.calcSweepScore(list(range(rows)), scores.tolist(), [tuple(limit) for limit in limits], f"file {number}")
            offset = int(sweeper._getProbationaryLength(rows))
            null -= len(limits)
            files.append({"windows": limits, "offset": offset, "scores": scores[offset:].tolist()})
        swept = sweeper.calcScoreByThreshold(points)
        best = sorted(swept, key=lambda one: one.score, reverse=True)[0]
        normal = lambda score: 100 * (score - null) / (-2 * null)
        some = swept[len(swept) // 3]
        result.append(
            {
                "files": files,
                "best": {"threshold": best.threshold, "score": normal(best.score)},
                "at": {"threshold": some.threshold, "score": normal(some.score)},
            }
        )
    return result


json.dump({"vectors": vectors(), "series": series(), "nab": nab()}, sys.stdout)
print()
