"""A Decision Transformer made of PyTorch's own layers, on random walks in a graph.

usage: torch_decision_transformer.py

An arm of the experiment graph-walks: it speaks JSON lines over its standard streams. It draws the
graph and the walks from the trial's seed with the same generator (xoshiro256++ filled by
SplitMix64) and in the same order as the laboratory's own arms, so that both learn from the very
same walks; the metric walks is the checksum that shows it. What it learns, it draws for itself. It
computes in one thread. CPU time is that of learning alone.
"""

import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy
import torch
from torch import nn
from torch.nn import functional

WORD = 2**64 - 1
ATTEMPTS = 10_000


def turned(word, bits):
    return ((word << bits) | (word >> (64 - bits))) & WORD


class Stream:
    """The generator of the laboratory: xoshiro256++, whose state SplitMix64 fills."""

    def __init__(self, seed):
        self.state = []
        for step in range(1, 5):
            word = (seed + step * 0x9E3779B97F4A7C15) & WORD
            word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & WORD
            word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & WORD
            self.state.append(word ^ (word >> 31))

    def word(self):
        a, b, c, d = self.state
        result = (turned((a + d) & WORD, 23) + a) & WORD
        c, d = c ^ a, d ^ b
        self.state = [a ^ d, b ^ c, c ^ ((b << 17) & WORD), turned(d, 45)]
        return result

    def unit(self):
        return (self.word() >> 11) * 2.0**-53

    def below(self, bound):
        """A whole number below the bound, without bias (Lemire 2019)."""
        threshold = (2**64 - bound) % bound
        product = self.word() * bound
        while (product & WORD) < threshold:
            product = self.word() * bound
        return product >> 64


def distances_to_goal(neighbours):
    """For each node from which node 0 can be reached, the edges of the shortest way."""
    distances, frontier = {0: 0}, [0]
    while frontier:
        reached = distances[frontier[0]] + 1
        frontier = [
            node for node, others in enumerate(neighbours)
            if node not in distances and any(other in frontier for other in others)]
        distances.update((node, reached) for node in frontier)
    return distances


def draw_graph(nodes, probability, limit, stream):
    """A graph worth a walk: three fifths of the nodes reach the goal, some in three steps or more.
    """
    for _ in range(ATTEMPTS):
        neighbours = [
            [to for to in range(nodes) if stream.unit() < probability and to != node]
            for node in range(nodes)]
        found = {
            node: distance for node, distance in distances_to_goal(neighbours).items()
            if 0 < distance <= limit}
        if len(found) >= nodes * 3 // 5 and max(found.values(), default=0) >= 3:
            return neighbours, found
    raise ValueError(f"no graph of {nodes} nodes with edges of {probability} is worth a walk")


def walk(neighbours, limit, stream):
    node = 1 + stream.below(len(neighbours) - 1)
    way = [node]
    while node != 0 and len(way) <= limit:
        if neighbours[node]:
            node = neighbours[node][stream.below(len(neighbours[node]))]
        way.append(node)
    return way


def checksum(walks):
    total = 0
    for way in walks:
        for node in way:
            total = (total * 31 + node) % 2**48
    return total


class Transformer(nn.Module):
    """Returns, nodes and actions as tokens, causal attention, and a number for each action."""

    def __init__(self, nodes, settings):
        super().__init__()
        width, context = settings["width"], settings["context"]
        self.returns = nn.Linear(1, width)
        self.seen = nn.Embedding(nodes, width)
        self.done = nn.Embedding(nodes, width)
        self.places = nn.Embedding(context, width)
        self.norm = nn.LayerNorm(width)
        layer = nn.TransformerEncoderLayer(
            width, settings["heads"], 4 * width, 0.0, "gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(
            layer, settings["blocks"], norm=nn.LayerNorm(width), enable_nested_tensor=False)
        self.head = nn.Linear(width, nodes)
        mask = torch.triu(torch.full((3 * context, 3 * context), float("-inf")), 1)
        self.register_buffer("mask", mask)

    def forward(self, to_go, seen, done):
        count, length = seen.shape
        places = self.places.weight[:length]
        tokens = torch.stack([
            self.returns(to_go.unsqueeze(-1) / 10) + places, self.seen(seen) + places,
            self.done(done) + places], dim=2)
        tokens = self.norm(tokens.reshape(count, 3 * length, -1))
        mask = self.mask[:3 * length, :3 * length]
        return self.head(self.blocks(tokens, mask=mask, is_causal=True)[:, 1::3])


class Lesson:
    """Every stretch of the walks, each begun at another step, padded to the context."""

    def __init__(self, walks, limit, context):
        count = sum(len(way) - 1 for way in walks)
        self.to_go = torch.zeros(count, context)
        self.seen = torch.zeros(count, context, dtype=torch.long)
        self.done = torch.zeros(count, context, dtype=torch.long)
        self.counts = torch.zeros(count, context, dtype=torch.bool)
        row = 0
        for way in walks:
            # What a limit cuts off is expected to cost as much as a walk more.
            behind = 0 if way[-1] == 0 else limit + 1
            steps = len(way) - 1
            for first in range(steps):
                length = min(context, steps - first)
                self.seen[row, :length] = torch.tensor(way[first:first + length])
                self.done[row, :length] = torch.tensor(way[first + 1:first + 1 + length])
                self.to_go[row, :length] = torch.arange(length) - float(steps - first + behind)
                self.counts[row, :length] = True
                row += 1


def learn(lesson, nodes, settings, seed):
    torch.manual_seed(seed)
    draw = numpy.random.default_rng(seed)
    model = Transformer(nodes, settings)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=settings["learning-rate"], weight_decay=1e-4)
    updates = settings["updates"]
    fading = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda done: 1 - done / updates)
    for _ in range(updates):
        rows = torch.from_numpy(draw.integers(0, len(lesson.seen), settings["minibatch"]))
        done, counts = lesson.done[rows], lesson.counts[rows]
        scores = model(lesson.to_go[rows], lesson.seen[rows], done)
        loss = functional.cross_entropy(scores[counts], done[counts])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimiser.step()
        fading.step()
    return model.eval()


def way_length(model, neighbours, start, promised, limit, context):
    """How many steps lead to the goal, told how many to take; one more than the limit where none
    do."""
    to_go, seen, done, node = [-float(promised)], [start], [], start
    for step in range(1, limit + 1):
        with torch.no_grad():
            scores = model(
                torch.tensor([to_go[-context:]]), torch.tensor([seen[-context:]]),
                torch.tensor([(done + [0])[-context:]]))
        action = int(scores[0, -1].argmax())
        node = action if action in neighbours[node] else node
        if node == 0:
            return step
        to_go, seen, done = to_go + [to_go[-1] + 1], seen + [node], done + [action]
    return limit + 1


def mean(numbers):
    return sum(numbers) / len(numbers)


def measure(settings, seed):
    limit, nodes, context = settings["walk-length"], settings["nodes"], settings["context"]
    stream = Stream(seed)
    neighbours, distances = draw_graph(nodes, settings["edge-probability"], limit, stream)
    walks = [walk(neighbours, limit, stream) for _ in range(settings["walks"])]
    shown = {
        node for way in walks if way[-1] == 0 for place, node in enumerate(way)
        if distances.get(node) == len(way) - 1 - place}
    lesson = Lesson(walks, limit, context)
    torch.set_num_threads(1)
    begin = time.process_time()
    model = learn(lesson, nodes, settings, seed % 2**31)
    seconds = time.process_time() - begin
    lengths = {
        (start, promised): way_length(model, neighbours, start, promised, limit, context)
        for start in distances for promised in range(1, limit + 1)}
    told = {start: lengths[start, distance] for start, distance in distances.items()}
    solved = [told[start] == distance for start, distance in distances.items()]
    metrics = {
        "solved_fraction": mean(solved),
        "tried_fraction": mean([
            any(lengths[start, promised] == distance for promised in range(1, limit + 1))
            for start, distance in distances.items()]),
        "shown_fraction": len(shown) / len(distances),
        "mean_length": mean(list(told.values())),
        "shortest_length": mean(list(distances.values())),
        "walks": checksum(walks),
    }
    if shown:
        metrics["solved_shown_fraction"] = mean(
            [told[start] == distances[start] for start in shown])
    if settings["timed"]:
        metrics["training_cpu"] = seconds
    return metrics


def main():
    sys.stdin.readline()
    greeting = {
        "fleetlab": 1, "name": "torch-dt", "version": f"torch {torch.__version__}",
        "capabilities": []}
    print(json.dumps(greeting), flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        if "run" not in message:
            break
        request = message["run"]
        settings = request["settings"]
        metrics = measure(settings, int(request["seed"], 16))
        answer = {"trial": request["trial"], "work": settings["updates"], "metrics": metrics}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
