"""Nearest neighbours by libraries from outside, as an arm that speaks JSON lines.

  neighbours.py [--root FOLDER] hnswlib|faiss-flat|faiss-hnsw|usearch-f32|usearch-f16|voyager

Needs numpy and the library: hnswlib, faiss-cpu, usearch or voyager, from PyPI. An arm of the
experiments scan-versus-hnsw and index-building; their descriptions say what settings and metrics
mean. One thread searches. Vectors are used as they are, under the inner product. The folder `data`
holds base.npy and queries.npy; a relative one is looked for below --root. Recall is against numpy's
product of the same rows and queries. An index is kept between trials that build the same.
"""

import argparse
import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
import numpy as np  # noqa: E402  (the variables above must stand before it is loaded)

SEED = 7
BREADTH_MAX = 4096


class HNSWLib:
    package = "hnswlib"

    def __init__(self, dimensions):
        import hnswlib

        self.dimensions = dimensions
        self.index = hnswlib.Index("ip", dimensions)

    def build(self, rows, settings):
        self.index.init_index(
            len(rows),
            M=settings["connectivity"],
            ef_construction=settings["build-breadth"],
            random_seed=SEED,
        )
        self.index.add_items(rows, num_threads=settings["build-threads"])

    def search(self, queries, neighbours, breadth):
        self.index.set_ef(max(breadth, neighbours))
        return self.index.knn_query(queries, neighbours, num_threads=1)[0]

    def save(self, path):
        self.index.save_index(path)

    def load(self, path):
        self.index.load_index(path)

    open = load  # It has no way to map a file.


class FaissFlat:
    package = "faiss-cpu"
    is_exact = True

    def __init__(self, dimensions):
        import faiss

        self.faiss = faiss
        self.index = faiss.IndexFlatIP(dimensions)

    def build(self, rows, settings):
        self.faiss.omp_set_num_threads(settings["build-threads"])
        self.index.add(rows)
        self.faiss.omp_set_num_threads(1)

    def search(self, queries, neighbours, breadth):
        # One query at a time: a batch would be one matrix product.
        return np.concatenate([self.index.search(query[None], neighbours)[1] for query in queries])

    def save(self, path):
        self.faiss.write_index(self.index, path)

    def load(self, path):
        self.index = self.faiss.read_index(path)

    def open(self, path):
        self.index = self.faiss.read_index(path, self.faiss.IO_FLAG_MMAP)


class FaissHNSW(FaissFlat):
    is_exact = False

    def build(self, rows, settings):
        self.index = self.faiss.IndexHNSWFlat(
            rows.shape[1], settings["connectivity"], self.faiss.METRIC_INNER_PRODUCT
        )
        self.index.hnsw.efConstruction = settings["build-breadth"]
        super().build(rows, settings)

    def search(self, queries, neighbours, breadth):
        self.index.hnsw.efSearch = max(breadth, neighbours)
        return self.index.search(queries, neighbours)[1]


class USearch:
    package = "usearch"
    storage = "f32"

    def __init__(self, dimensions):
        self.dimensions = dimensions
        self.index = self.empty()

    def empty(self, **settings):
        from usearch.index import Index

        return Index(ndim=self.dimensions, metric="ip", dtype=self.storage, **settings)

    def build(self, rows, settings):
        self.index = self.empty(
            connectivity=settings["connectivity"], expansion_add=settings["build-breadth"]
        )
        self.index.add(np.arange(len(rows)), rows, threads=settings["build-threads"])

    def search(self, queries, neighbours, breadth):
        self.index.expansion_search = max(breadth, neighbours)
        return self.index.search(queries, neighbours, threads=1).keys

    def save(self, path):
        self.index.save(path)

    def load(self, path):
        self.index.load(path)

    def open(self, path):
        self.index.view(path)


class USearchHalf(USearch):
    storage = "f16"


class Voyager:
    package = "voyager"

    def __init__(self, dimensions):
        import voyager

        self.voyager, self.dimensions = voyager, dimensions

    def build(self, rows, settings):
        self.index = self.voyager.Index(
            self.voyager.Space.InnerProduct,
            self.dimensions,
            M=settings["connectivity"],
            ef_construction=settings["build-breadth"],
            random_seed=SEED,
        )
        self.index.add_items(rows, num_threads=settings["build-threads"])

    def search(self, queries, neighbours, breadth):
        breadth = max(breadth, neighbours)
        return self.index.query(queries, neighbours, num_threads=1, query_ef=breadth)[0]

    def save(self, path):
        self.index.save(path)

    def load(self, path):
        self.index = self.voyager.Index.load(path)

    open = load  # It has no way to map a file.


LIBRARIES = {
    "hnswlib": HNSWLib,
    "faiss-flat": FaissFlat,
    "faiss-hnsw": FaissHNSW,
    "usearch-f32": USearch,
    "usearch-f16": USearchHalf,
    "voyager": Voyager,
}
BUILD_SETTINGS = ("data", "rows", "connectivity", "build-breadth", "build-threads")


def resident_bytes():
    """What this process holds in memory now."""
    with open("/proc/self/statm", encoding="ascii") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def timed(work):
    """The result of some work with its seconds of processor time and by the wall clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, time.process_time() - cpu, time.perf_counter() - wall


class Arm:
    """Answers trials, and keeps the vectors and the index of the last settings."""

    def __init__(self, library, root, folder, experiment):
        self.library, self.root, self.folder = library, root, folder
        self.answer = {"index-building": self.building}.get(experiment, self.searching)
        self.place = self.key = self.index = self.build_cpu = self.truth_key = None
        self.breadths = {}

    def load(self, settings):
        place = os.path.join(self.root, settings["data"])
        if place != self.place:
            if not os.path.exists(f"{place}/base.npy"):
                raise FileNotFoundError(
                    f"there is no {place}/base.npy; run './Scripts/search-data' first"
                )
            self.base, self.asked = (
                np.ascontiguousarray(np.load(f"{place}/{name}.npy"), np.float32)
                for name in ("base", "queries")
            )
            self.place, self.key, self.truth_key = place, None, None
        rows = settings["rows"] or len(self.base)
        if rows > len(self.base):
            raise ValueError(f"rows is {rows}; {place} has {len(self.base)}; ask for fewer")
        return self.base[:rows]

    def build(self, settings):
        rows = self.load(settings)
        index = self.library(rows.shape[1])
        _, cpu, wall = timed(lambda: index.build(rows, settings))
        return index, cpu, wall

    def building(self, settings):
        index, cpu, wall = self.build(settings)
        path = os.path.join(self.folder, "index")
        index.save(path)
        fresh, opened = self.library(self.base.shape[1]), self.library(self.base.shape[1])
        before = resident_bytes()
        fresh.load(path)
        grown = resident_bytes() - before
        _, _, open_wall = timed(lambda: opened.open(path))
        return settings["rows"] or len(self.base), {
            "build_cpu": cpu,
            "build_wall": wall,
            "file_bytes": os.path.getsize(path),
            "resident_bytes": max(0, grown),
            "open_wall": open_wall,
        }

    def truth(self, rows, queries, neighbours, key):
        if key != self.truth_key:
            scores = queries @ rows.T
            self.nearest = np.argsort(-scores, axis=1, kind="stable")[:, :neighbours]
            self.truth_key = key
        return self.nearest

    def searching(self, settings):
        key = tuple(settings[name] for name in BUILD_SETTINGS)
        rows = self.load(settings)
        if key != self.key:
            self.index, self.build_cpu, _ = self.build(settings)
            self.key, self.breadths = key, {}
        queries = self.asked[: settings["queries"]]
        neighbours = min(settings["neighbours"], len(rows))
        question = (*key, len(queries), neighbours)
        truth = self.truth(rows, queries, neighbours, question)

        def recall(breadth):
            found = self.index.search(queries, neighbours, breadth)
            hits = sum(len(set(map(int, a)) & set(map(int, b))) for a, b in zip(found, truth))
            return hits / truth.size

        breadth = self.breadth(settings, recall, question)
        _, cpu, _ = timed(lambda: self.index.search(queries, neighbours, breadth))
        walls = [
            timed(lambda one=query[None]: self.index.search(one, neighbours, breadth))[2]
            for query in queries
        ]
        return len(queries), {
            "query_cpu": cpu / len(queries),
            "query_wall": float(np.median(walls)),
            "recall": recall(breadth),
            "search_breadth": breadth,
            "build_cpu": self.build_cpu,
        }

    def breadth(self, settings, recall, question):
        """The breadth that is asked for, or the least that reaches the recall that is."""
        if getattr(self.index, "is_exact", False):
            return 0
        if settings["search-breadth"] > 0:
            return settings["search-breadth"]
        target = settings["recall-target"]
        if (question, target) not in self.breadths:
            low, high = settings["neighbours"], settings["neighbours"]
            while recall(high) < target:
                if high >= BREADTH_MAX:
                    raise ValueError(f"recall {target} is not reached at breadth {high}")
                low, high = high + 1, min(2 * high, BREADTH_MAX)
            while low < high:
                middle = (low + high) // 2
                low, high = (low, middle) if recall(middle) >= target else (middle + 1, high)
            self.breadths[question, target] = high
        return self.breadths[question, target]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--root", default=".")
    arguments.add_argument("library", choices=LIBRARIES)
    options = arguments.parse_args()
    from importlib.metadata import version

    library = LIBRARIES[options.library]
    arm = None
    for line in sys.stdin:
        message = json.loads(line)
        if "end" in message:
            break
        if "run" in message:
            trial = message["run"]["trial"]
            try:
                work, metrics = arm.answer(message["run"]["settings"])
                answer = {"trial": trial, "work": work, "metrics": metrics}
            except Exception as error:  # A trial that fails is told; the program goes on.
                answer = {"trial": trial, "error": f"{type(error).__name__}: {error}"}
        else:
            arm = Arm(library, options.root, message["folder"], message["experiment"])
            answer = {
                "fleetlab": 1,
                "name": options.library,
                "version": version(library.package),
                "capabilities": [],
            }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
