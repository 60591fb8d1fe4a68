"""Writes scipy.json: figures of SciPy and NumPy that the tests of Statistics are held to.

Run in this folder:  python3 make_fixtures.py
Needs NumPy and SciPy; the versions are written into the file. The draws are fixed by a seed.
"""

import json
import math
import warnings
from pathlib import Path

import numpy
import scipy
from scipy import special, stats

warnings.simplefilter("ignore")
random = numpy.random.default_rng(20240229)


def numbers(array):
    """Plain floats, as JSON writes them."""
    return [float(x) for x in numpy.asarray(array, dtype=float)]


def law(name, parameters, frozen):
    probabilities = [0.001, 0.025, 0.2, 0.5, 0.9, 0.999]
    points = numbers(frozen.ppf(probabilities))
    mean, variance = frozen.stats("mv")
    return {
        "name": name,
        "parameters": parameters,
        "probabilities": probabilities,
        "quantiles": points,
        "densities": numbers(frozen.pdf(points)),
        "cumulatives": numbers(frozen.cdf(points)),
        "mean": float(mean) if math.isfinite(mean) else None,
        "variance": float(variance) if math.isfinite(variance) else None,
    }


laws = [
    law("uniform", [2, 7], stats.uniform(2, 5)),
    law("exponential", [3], stats.expon(scale=3)),
    law("normal", [-1, 2.5], stats.norm(-1, 2.5)),
    law("lognormal", [20, 0.4], stats.lognorm(0.4, scale=20)),
    law("gamma", [0.5, 2], stats.gamma(0.5, scale=2)),
    law("gamma", [7.5, 0.3], stats.gamma(7.5, scale=0.3)),
    law("weibull", [0.7, 4], stats.weibull_min(0.7, scale=4)),
    law("weibull", [2.2, 4], stats.weibull_min(2.2, scale=4)),
    law("pareto", [1.5, 2.5], stats.pareto(2.5, scale=1.5)),
    law("pareto", [1.5, 1.2], stats.pareto(1.2, scale=1.5)),
]

samples = {
    "skewed": numbers(random.lognormal(1, 0.8, 25).round(4)),
    "even": numbers(random.normal(10, 3, 12).round(4)),
    "single": [4.25],
}
quantiles = [
    {
        "sample": sample,
        "probabilities": [0, 0.1, 0.25, 1 / 3, 0.5, 0.95, 0.999, 1],
        "quantiles": numbers(
            numpy.quantile(sample, [0, 0.1, 0.25, 1 / 3, 0.5, 0.95, 0.999, 1])
        ),
        "mean": float(numpy.mean(sample)),
        "deviation": float(numpy.std(sample, ddof=1)) if len(sample) > 1 else None,
    }
    for sample in samples.values()
]


def mann_whitney(first, second, method):
    result = {"first": first, "second": second, "exact": method == "exact"}
    for key, alternative in (("twoSided", "two-sided"), ("less", "less"), ("greater", "greater")):
        test = stats.mannwhitneyu(first, second, alternative=alternative, method=method)
        result[key] = float(test.pvalue)
        result["statistic"] = float(test.statistic)
    return result


small = numbers(random.normal(0, 1, 7).round(5))
smaller = numbers(random.normal(1, 1, 5).round(5))
twenty = numbers(random.normal(0, 1, 20).round(6))
nineteen = numbers(random.normal(0.6, 1, 19).round(6))
tied = numbers(random.integers(0, 6, 30))
tied_too = numbers(random.integers(1, 8, 25))
mann_whitneys = [
    mann_whitney(small, smaller, "exact"),
    mann_whitney([1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], "exact"),
    mann_whitney(twenty, nineteen, "exact"),
    mann_whitney(twenty, nineteen, "asymptotic"),
    mann_whitney(tied, tied_too, "asymptotic"),
    mann_whitney([1.0, 1.0, 2.0], [1.0, 2.0, 2.0], "asymptotic"),
]

kolmogorov_exact = [
    {"count": n, "distance": d, "pValue": float(stats.kstwo.sf(d, n))}
    for n, distances in (
        (1, [0.6, 0.9]),
        (5, [0.15, 0.3, 0.45, 0.7, 0.95]),
        (10, [0.06, 0.2, 0.274, 0.4, 0.6]),
        (50, [0.05, 0.1, 0.17, 0.25, 0.4]),
        (140, [0.03, 0.07, 0.1, 0.14, 0.2]),
        (141, [0.03, 0.07, 0.1, 0.14, 0.2]),
        (1000, [0.01, 0.02, 0.03, 0.045, 0.06]),
        (100000, [0.0015, 0.0025, 0.004, 0.006]),
    )
    for d in distances
]

uniform_sample = numbers(random.random(40).round(6))
gamma_sample = numbers(random.gamma(2, 3, 60).round(6))
one_sample = [
    {"sample": uniform_sample, "law": "uniform", "parameters": [0, 1]},
    {"sample": gamma_sample, "law": "gamma", "parameters": [2, 3]},
    {"sample": gamma_sample, "law": "exponential", "parameters": [6]},
]
for entry, frozen in zip(
    one_sample, [stats.uniform(0, 1), stats.gamma(2, scale=3), stats.expon(scale=6)]
):
    test = stats.kstest(entry["sample"], frozen.cdf, method="exact")
    entry["distance"] = float(test.statistic)
    entry["pValue"] = float(test.pvalue)
    ordered = numpy.sort(entry["sample"])
    rank = numpy.arange(1, len(ordered) + 1)
    entry["andersonDarling"] = float(
        -len(ordered)
        - numpy.mean((2 * rank - 1) * (frozen.logcdf(ordered) + frozen.logsf(ordered[::-1])))
    )


def two_sample(first, second, exact):
    test = stats.ks_2samp(first, second, method="exact" if exact else "asymp")
    size = len(first) * len(second) / (len(first) + len(second))
    p_value = test.pvalue if exact else special.kolmogorov(test.statistic * math.sqrt(size))
    return {
        "first": first,
        "second": second,
        "distance": float(test.statistic),
        "pValue": float(p_value),
    }


two_samples = [
    two_sample(small, smaller, True),
    two_sample(twenty, nineteen, True),
    two_sample(gamma_sample, uniform_sample, True),
    two_sample(tied, tied_too, False),
]

# The law of Anderson and Darling's statistic, by drawing it: SciPy has no closed form for a fully
# specified law. 400,000 draws give an error of 0.0008 at most, as one standard error.
anderson_darling = []
for count in (8, 20, 100):
    draws = numpy.sort(random.random((400_000 if count < 100 else 200_000, count)), axis=1)
    rank = numpy.arange(1, count + 1)
    statistic = -count - numpy.mean(
        (2 * rank - 1) * (numpy.log(draws) + numpy.log1p(-draws[:, ::-1])), axis=1
    )
    for value in (0.3, 0.775, 1.25, 1.933, 2.492, 3.857):
        anderson_darling.append(
            {"count": count, "statistic": value, "pValue": float(numpy.mean(statistic >= value))}
        )

wilson = []
for successes, trials, confidence in (
    (0, 10, 0.95),
    (10, 10, 0.95),
    (7, 20, 0.9),
    (1, 1000, 0.99),
    (512, 1024, 0.95),
    (1, 1, 0.5),
):
    interval = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    wilson.append(
        {
            "successes": successes,
            "trials": trials,
            "confidence": confidence,
            "low": float(interval.low),
            "high": float(interval.high),
        }
    )

student = []
for sample, confidence in ((samples["skewed"], 0.95), (samples["even"], 0.99), ([1.0, 2.0], 0.9)):
    interval = stats.ttest_1samp(sample, 0).confidence_interval(confidence)
    student.append(
        {
            "sample": sample,
            "confidence": confidence,
            "low": float(interval.low),
            "high": float(interval.high),
        }
    )
student_quantiles = [
    {"freedom": f, "probability": p, "quantile": float(stats.t.ppf(p, f))}
    for f in (1, 2, 4.5, 30, 1000)
    for p in (0.005, 0.3, 0.975)
]

slopes = []
for count, exponent, noise in ((6, 1.0, 0.02), (12, 2.0, 0.1), (30, -0.7, 0.5)):
    x = numpy.geomspace(10, 10_000, count).round(3)
    y = (0.3 * x**exponent * numpy.exp(random.normal(0, noise, count))).round(9)
    line = stats.linregress(numpy.log(x), numpy.log(y))
    reach = stats.t.ppf(0.975, count - 2) * line.stderr
    slopes.append(
        {
            "x": numbers(x),
            "y": numbers(y),
            "slope": float(line.slope),
            "intercept": float(line.intercept),
            "standardError": float(line.stderr),
            "determination": float(line.rvalue**2),
            "low": float(line.slope - reach),
            "high": float(line.slope + reach),
        }
    )

bootstraps = []
for name, statistic in (
    ("mean", numpy.mean),
    ("median", numpy.median),
    ("variance", numpy.var),
):
    entry = {"sample": samples["skewed"], "statistic": name}
    for kind in ("percentile", "BCa"):
        interval = stats.bootstrap(
            (samples["skewed"],), statistic, n_resamples=200_000, method=kind, batch=20_000, rng=7
        ).confidence_interval
        entry[kind] = [float(interval.low), float(interval.high)]
    bootstraps.append(entry)
partner = numpy.array(samples["even"]) * 0.8 + random.normal(0, 1, 12)
pair = (samples["even"], numbers(partner.round(4)))
paired = {"left": pair[0], "right": pair[1]}
strata = {"left": samples["skewed"], "right": samples["even"]}
apart = (samples["skewed"], samples["even"])
for entry, data, linked in ((paired, pair, True), (strata, apart, False)):
    for kind in ("percentile", "BCa"):
        interval = stats.bootstrap(
            data,
            lambda a, b, axis=-1: numpy.mean(a, axis=axis) - numpy.mean(b, axis=axis),
            paired=linked,
            n_resamples=200_000,
            method=kind,
            batch=20_000,
            rng=7,
        ).confidence_interval
        entry[kind] = [float(interval.low), float(interval.high)]

Path(__file__).with_name("scipy.json").write_text(
    json.dumps(
        {
            "scipy": scipy.__version__,
            "numpy": numpy.__version__,
            "laws": laws,
            "quantiles": quantiles,
            "mannWhitney": mann_whitneys,
            "kolmogorov": kolmogorov_exact,
            "oneSample": one_sample,
            "twoSample": two_samples,
            "andersonDarling": anderson_darling,
            "wilson": wilson,
            "studentIntervals": student,
            "studentQuantiles": student_quantiles,
            "slopes": slopes,
            "bootstrap": bootstraps,
            "paired": paired,
            "strata": strata,
        },
        indent=1,
        allow_nan=False,
    )
    + "\n"
)
