"""Writes river.json: what river's ADWIN and PageHinkley say about seeded streams. Run: pip install river==0.26.1; python write.py"""

import json
import random
from pathlib import Path

from river import drift


def streams():
    rng = random.Random(7)
    gauss = lambda mean, deviation, count: [round(rng.gauss(mean, deviation), 3) for _ in range(count)]
    yield "level", gauss(0, 1, 700) + gauss(3, 1, 500)
    yield "steady", gauss(0.5, 0.2, 1500)
    yield "small level", gauss(0, 1, 1000) + gauss(0.6, 1, 1000)
    yield "several", gauss(0, 0.5, 300) + gauss(2, 0.5, 300) + gauss(-1, 0.5, 300) + gauss(-1, 2, 300)
    yield "ramp", [round(i / 200 + rng.gauss(0, 1), 3) for i in range(1200)]
    yield "bits", [float(rng.random() < (0.2 if i < 600 else 0.6)) for i in range(1200)]


def adwin(values, **options):
    detector = drift.ADWIN(**options)
    changes, snapshots = [], []
    for i, value in enumerate(values):
        detector.update(value)
        if detector.drift_detected:
            changes.append([i, detector.width, detector.estimation])
        if i % 100 == 99:
            snapshots.append([i, detector.width, detector.total, detector.variance])
    return {"changes": changes, "snapshots": snapshots}


def page_hinkley(values, **options):
    detector = drift.PageHinkley(**options)
    changes = []
    for i, value in enumerate(values):
        detector.update(value)
        if detector.drift_detected:
            changes.append(i)
    return {"changes": changes}


ADWIN = [{}, {"delta": 0.05, "clock": 1}, {"delta": 1e-5, "clock": 8, "min_window_length": 10, "grace_period": 40}]
PAGE_HINKLEY = [{}, {"threshold": 15.0, "delta": 0.1, "min_instances": 50}, {"threshold": 20.0, "mode": "down", "alpha": 0.999}]

golden = [
    {
        "name": name,
        "values": values,
        "adwin": [{"options": options, **adwin(values, **options)} for options in ADWIN],
        "page_hinkley": [{"options": options, **page_hinkley(values, **options)} for options in PAGE_HINKLEY],
    }
    for name, values in streams()
]
Path(__file__).with_name("river.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
