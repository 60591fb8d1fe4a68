"""Writes gymnasium.json: what the environments of Gymnasium do, to which tests hold ours.

Run from the root of the checkout:
  "$(Scripts/environment gymnasium-1 gymnasium==1.4.0 numpy==2.4.6 cloudpickle==3.1.2 \\
    farama-notifications==0.0.6 typing_extensions==4.16.0)" \\
    Tests/LearningTests/Fixtures/make_fixtures.py

A trajectory holds the state before the first step, all actions and rewards, how it ended, and after
every n-th step and the last one the state in full precision and the observation in single. Numbers
are written in the shortest form that reads back as the same number. The transition tables are those
of the tabular environments: for each state and action in turn how many outcomes there are, and for
each outcome its chance, the next state, the reward, and 1 where it ends the episode.
"""

import json
import platform
import re
from pathlib import Path

import gymnasium
import numpy

random = numpy.random.default_rng(2024)


def numbers(values):
    return [float(x) for x in numpy.asarray(values).ravel()]


def singles(values):
    """Single-precision numbers, with as many digits as those need."""
    return [float(str(numpy.float32(x))) for x in numpy.asarray(values).ravel()]


def state_of(environment):
    bare = environment.unwrapped
    return [int(bare.s)] if hasattr(bare, "P") else numbers(bare.state)


def trajectory(name, actions, seed, start=None, every=1, **arguments):
    """One episode."""
    environment = gymnasium.make(name, **arguments)
    environment.reset(seed=seed)
    if start is not None:
        environment.unwrapped.state = numpy.array(start, dtype=numpy.float64)
    found = {"environment": name, "arguments": arguments, "start": state_of(environment)}
    found |= {"every": every, "end": "open"}
    found |= {key: [] for key in ["actions", "rewards", "states", "observations"]}
    for count, action in enumerate(actions, 1):
        is_box = isinstance(action, float)
        taken = numpy.array([action], dtype=numpy.float32) if is_box else int(action)
        observation, reward, terminated, truncated, _ = environment.step(taken)
        found["actions"].append(float(taken[0]) if is_box else taken)
        found["rewards"].append(float(reward))
        ends = terminated or truncated
        if ends or count == len(actions) or count % every == 0:
            found["states"].append(state_of(environment))
            found["observations"].append(singles(observation))
        if ends:
            found["end"] = "terminated" if terminated else "truncated"
            break
    return found


def balancing_actions(seed):
    """The actions of a linear controller that keeps the pole up for the whole episode."""
    environment = gymnasium.make("CartPole-v1")
    observation, _ = environment.reset(seed=seed)
    actions = []
    for _ in range(500):
        actions.append(int(numpy.dot([0.3, 0.6, 3.0, 1.0], observation) > 0))
        observation, *_ = environment.step(actions[-1])
    return actions


def trajectories():
    found = []
    for seed in range(3):
        found += [
            trajectory("CartPole-v1", random.integers(0, 2, 60), seed),
            trajectory("Pendulum-v1", numbers(random.uniform(-2.5, 2.5, 40)), seed),
            trajectory("MountainCarContinuous-v0", numbers(random.uniform(-1.2, 1.2, 40)), seed),
            trajectory("Acrobot-v1", random.integers(0, 3, 40), seed),
        ]
    # Speeds cut off, angles that wrap around, walls, the goal, failures and limits of steps.
    found += [
        trajectory("Pendulum-v1", [2.0] * 20, 0, start=[3.1, 7.9]),
        trajectory("Pendulum-v1", [-2.0] * 200, 0, start=[-3.1, -7.9], every=50),
        trajectory("MountainCarContinuous-v0", [-1.0] * 20, 0, start=[-1.15, -0.06]),
        trajectory("MountainCarContinuous-v0", [1.0] * 20, 0, start=[0.40, 0.06]),
        trajectory("MountainCarContinuous-v0", [0.0] * 999, 1, every=333),
        trajectory("CartPole-v1", [1] * 40, 0, start=[2.35, 1.0, 0.0, 0.0]),
        trajectory("CartPole-v1", [0] * 40, 0, start=[0.0, 0.0, 0.2, 0.5]),
        trajectory("CartPole-v1", balancing_actions(7), 7, every=50),
        trajectory("Acrobot-v1", [2] * 20, 0, start=[2.8, 2.5, 12.0, 28.0]),
        trajectory("Acrobot-v1", [1] * 500, 0, every=125),
    ]
    for seed in range(2):
        found += [
            trajectory("FrozenLake-v1", random.integers(0, 4, 40), seed),
            trajectory("FrozenLake-v1", random.integers(0, 4, 40), seed, is_slippery=False),
            trajectory("Taxi-v4", random.integers(0, 6, 60), seed),
            trajectory("CliffWalking-v1", random.integers(0, 4, 60), seed),
        ]
    # From the start to the goal, and into a limit of steps.
    to_goal = [2, 2, 1, 1, 1, 2]
    around_cliff = [0] + [1] * 11 + [2]
    found += [
        trajectory("FrozenLake-v1", to_goal, 0, is_slippery=False),
        trajectory("FrozenLake-v1", [0] * 100, 0, is_slippery=False, every=100),
        trajectory("FrozenLake8x8-v1", [0] * 200, 0, is_slippery=False, every=200),
        trajectory("CliffWalking-v1", around_cliff, 0),
        trajectory("Taxi-v4", [0] * 200, 0, every=200),
    ]
    return found


def table(name):
    environment = gymnasium.make(name)
    bare = environment.unwrapped
    cells = [outcomes for row in bare.P.values() for outcomes in row.values()]
    flat = [outcome for outcomes in cells for outcome in outcomes]
    return {
        "environment": name,
        "stepLimit": environment.spec.max_episode_steps,
        "actions": len(bare.P[0]),
        "starts": [i for i, x in enumerate(bare.initial_state_distrib) if x > 0],
        "counts": [len(outcomes) for outcomes in cells],
        "chances": [float(outcome[0]) for outcome in flat],
        "states": [int(outcome[1]) for outcome in flat],
        "rewards": [float(outcome[2]) for outcome in flat],
        "ends": [int(outcome[3]) for outcome in flat],
    }


names = ["FrozenLake-v1", "FrozenLake8x8-v1", "Taxi-v4", "CliffWalking-v1"]
content = {
    "gymnasium": gymnasium.__version__,
    "numpy": numpy.__version__,
    "machine": platform.machine(),
    "trajectories": trajectories(),
    "tables": [table(name) for name in names],
}
text = json.dumps(content, separators=(",", ":")).replace("},", "},\n")
# Whole numbers need no decimals.
text = re.sub(r"(\d)\.0(?=[,\]])", r"\1", text)
Path(__file__).with_name("gymnasium.json").write_text(text + "\n")
