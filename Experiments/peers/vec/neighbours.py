"""Nearest neighbours by libraries from outside, as an arm that speaks JSON lines.

  neighbours.py hnswlib|faiss|faiss-flat|usearch|usearch-f16

Needs numpy and the library: hnswlib, faiss-cpu or usearch, from PyPI. One thread, one index for
each set of build settings, kept between trials. Vectors are used as they are, under the inner
product. Settings of a trial: base, queries (paths of .npy files), neighbours, search_breadth,
connectivity, build_breadth, build_seed. Metrics: cpu_microseconds_per_query, build_cpu_seconds (of
the index that was searched, whenever it was built), neighbours_found (a .npy file of row numbers).
"""
import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
import numpy as np  # noqa: E402  (the variables above must stand before it is loaded)


def build_hnswlib(rows, settings):
    import hnswlib

    index = hnswlib.Index("ip", rows.shape[1])
    index.init_index(
        len(rows),
        M=settings["connectivity"],
        ef_construction=settings["build_breadth"],
        random_seed=settings["build_seed"],
    )
    index.add_items(rows, num_threads=1)

    def search(queries, neighbours, breadth):
        index.set_ef(max(breadth, neighbours))
        return index.knn_query(queries, neighbours, num_threads=1)[0]

    return search


def build_faiss(rows, settings):
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexHNSWFlat(
        rows.shape[1], settings["connectivity"], faiss.METRIC_INNER_PRODUCT
    )
    index.hnsw.efConstruction = settings["build_breadth"]
    index.add(rows)

    def search(queries, neighbours, breadth):
        index.hnsw.efSearch = max(breadth, neighbours)
        return np.concatenate([index.search(query[None], neighbours)[1] for query in queries])

    return search


def build_faiss_flat(rows, settings):
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)

    # One query at a time: a batch would be one matrix product.
    def search(queries, neighbours, breadth):
        return np.concatenate([index.search(query[None], neighbours)[1] for query in queries])

    return search


def build_usearch(storage):
    def build(rows, settings):
        from usearch.index import Index

        index = Index(
            ndim=rows.shape[1],
            metric="ip",
            dtype=storage,
            connectivity=settings["connectivity"],
            expansion_add=settings["build_breadth"],
        )
        index.add(np.arange(len(rows)), rows, threads=1)

        def search(queries, neighbours, breadth):
            index.expansion_search = max(breadth, neighbours)
            return index.search(queries, neighbours, threads=1).keys

        return search

    return build


LIBRARIES = {
    "hnswlib": ("hnswlib", build_hnswlib),
    "faiss": ("faiss-cpu", build_faiss),
    "faiss-flat": ("faiss-cpu", build_faiss_flat),
    "usearch": ("usearch", build_usearch("f32")),
    "usearch-f16": ("usearch", build_usearch("f16")),
}
BUILD_SETTINGS = ("base", "connectivity", "build_breadth", "build_seed")


class Arm:
    """Answers trials, and keeps the index of the last build settings."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.key = self.search = self.build_seconds = None

    def prepare(self, settings):
        key = tuple(settings[name] for name in BUILD_SETTINGS)
        if key == self.key:
            return
        rows = np.ascontiguousarray(np.load(settings["base"]), np.float32)
        start = time.process_time()
        self.search = self.build(rows, settings)
        self.build_seconds = time.process_time() - start
        self.key = key

    def run(self, trial, settings):
        self.prepare(settings)
        queries = np.ascontiguousarray(np.load(settings["queries"]), np.float32)
        start = time.process_time()
        found = self.search(queries, settings["neighbours"], settings["search_breadth"])
        seconds = time.process_time() - start
        name = f"found-{trial}.npy"
        np.save(os.path.join(self.folder, name), np.asarray(found, np.int64))
        return {
            "trial": trial,
            "work": len(queries),
            "metrics": {
                "cpu_microseconds_per_query": seconds / len(queries) * 1e6,
                "build_cpu_seconds": self.build_seconds,
                "neighbours_found": {"npy": name},
            },
        }


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in LIBRARIES:
        sys.exit(f"usage: neighbours.py {'|'.join(LIBRARIES)}")
    from importlib.metadata import version

    package, build = LIBRARIES[sys.argv[1]]
    arm = None
    for line in sys.stdin:
        message = json.loads(line)
        if "end" in message:
            break
        if "run" in message:
            trial = message["run"]["trial"]
            try:
                answer = arm.run(trial, message["run"]["settings"])
            except Exception as error:  # A trial that fails is told; the program goes on.
                answer = {"trial": trial, "error": f"{type(error).__name__}: {error}"}
        else:
            arm = Arm(build, message["folder"])
            answer = {
                "fleetlab": 1,
                "name": sys.argv[1],
                "version": version(package),
                "capabilities": [],
            }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
