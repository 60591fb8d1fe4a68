"""Q-Learning over a table in plain Python, on the small frozen lake.

usage: plain_tables.py lists|gymnasium

An arm of the experiment policy-learning: it speaks JSON lines over its standard streams. The
learner uses lists and Python's own random numbers, and nothing else: each step draws whether to
explore, takes the greatest of four values, acts and learns. The lake is Gymnasium's, or lists
likewise. CPU time is that of learning alone; what the policy earns is computed exactly.
"""

import argparse
import json
import platform
import random
import sys
import time

MAP = "SFFFFHFHFFFHHFFG"
SIDE, LIMIT = 4, 100


def outcomes():
    """For each state and action three equally likely (state, reward, end)."""
    table = []
    for state in range(SIDE * SIDE):
        rows = []
        for action in range(4):
            row = []
            for turn in (action - 1, action, action + 1):
                y, x = divmod(state, SIDE)
                if MAP[state] not in "HG":
                    step = ((0, -1), (1, 0), (0, 1), (-1, 0))[turn % 4]
                    y = min(max(y + step[0], 0), SIDE - 1)
                    x = min(max(x + step[1], 0), SIDE - 1)
                then = y * SIDE + x
                earned = 1.0 if MAP[then] == "G" and MAP[state] != "G" else 0.0
                row.append((then, earned, MAP[then] in "HG"))
            rows.append(row)
        table.append(rows)
    return table


class Lists:
    """The lake as lists, with no more than learning needs."""

    def __init__(self, table, seed):
        self.table, self.draw = table, random.Random(seed).random

    def reset(self):
        self.state, self.left = 0, LIMIT
        return 0

    def step(self, action):
        self.left -= 1
        self.state, earned, ended = self.table[self.state][action][int(self.draw() * 3)]
        return self.state, earned, ended, self.left == 0


class Lake:
    """Gymnasium's lake."""

    def __init__(self, table, seed):
        import gymnasium
        self.world = gymnasium.make("FrozenLake-v1", is_slippery=True)
        self.world.reset(seed=seed % 2**31)

    def reset(self):
        return self.world.reset()[0]

    def step(self, action):
        return self.world.step(action)[:4]


WORLDS = {"lists": Lists, "gymnasium": Lake}


def train(world, settings, seed):
    """The values after so many episodes, with the CPU seconds and steps of the second half."""
    draw = random.Random(seed + 1).random
    episodes, rate, discount = settings["steps"], settings["learning-rate"], settings["discount"]
    first, last = settings["exploration"], settings["last-exploration"]
    values = [[0.0] * 4 for _ in range(SIDE * SIDE)]
    steps, begin = 0, time.process_time()
    middle, steps_then, time_then = episodes // 2, 0, begin
    for episode in range(episodes):
        if episode == middle:
            steps_then, time_then = steps, time.process_time()
        exploration = first + (last - first) * episode / max(episodes - 1, 1)
        state, over = world.reset(), False
        while not over:
            row = values[state]
            action = int(draw() * 4) if draw() < exploration else row.index(max(row))
            state, earned, ended, cut = world.step(action)
            steps += 1
            aim = earned if ended else earned + discount * max(values[state])
            row[action] += rate * (aim - row[action])
            over = ended or cut
    end = time.process_time()
    return values, end - begin, (end - time_then) / max(steps - steps_then, 1), steps


def expected_return(table, values):
    """What the greedy policy earns on average within the limit."""
    greedy = [row.index(max(row)) for row in values]
    chances, earned = [0.0] * len(table), 0.0
    chances[0] = 1.0
    for _ in range(LIMIT):
        after = [0.0] * len(table)
        for state, chance in enumerate(chances):
            if chance == 0.0:
                continue
            for then, reward, ended in table[state][greedy[state]]:
                earned += chance / 3 * reward
                if not ended:
                    after[then] += chance / 3
        chances = after
    return earned


def answer(name, request):
    settings = request["settings"]
    if settings["environment"] != "FrozenLake-v1":
        raise ValueError(f"'{settings['environment']}' is not played here; expected FrozenLake-v1")
    table = outcomes()
    seed = int(request["seed"], 16)
    values, seconds, step, steps = train(WORLDS[name](table, seed), settings, seed)
    metrics = {
        "mean_return": expected_return(table, values), "training_cpu": seconds, "update_cpu": step}
    return {"trial": request["trial"], "work": steps, "metrics": metrics}


def main():
    parser = argparse.ArgumentParser(description="Q-Learning in plain Python")
    parser.add_argument("world", choices=sorted(WORLDS))
    name = parser.parse_args().world
    sys.stdin.readline()
    greeting = {
        "fleetlab": 1, "name": f"{name}-q-learning", "version": platform.python_version(),
        "capabilities": []}
    print(json.dumps(greeting), flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        if "run" not in message:
            break
        print(json.dumps(answer(name, message["run"])), flush=True)


if __name__ == "__main__":
    main()
