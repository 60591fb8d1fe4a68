"""A learner of Stable-Baselines3 on Gymnasium's environments, as rl-baselines3-zoo sets it.

usage: stable_baselines.py ppo|a2c|ddpg|td3|sac

An arm of the experiment policy-learning: it speaks JSON lines over its standard streams. Settings
are those of rl-baselines3-zoo for CartPole-v1 (ppo, a2c) and Pendulum-v1 (ddpg, td3, sac), with
hidden layers of the widths that the manifest asks for, if it asks for any. It computes in one
thread. Greedy episodes begin at the points of the Halton sequence that the laboratory's own arms
begin at, and all of them are stepped at once by numpy, so that they cost little; their CPU time is
not counted.
"""

import argparse
import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy
import stable_baselines3
import torch
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.noise import NormalActionNoise


def fading(value):
    return lambda left: value * left


OFF_POLICY = {
    "gamma": 0.98, "buffer_size": 200_000, "learning_starts": 10_000, "gradient_steps": 1,
    "train_freq": 1, "learning_rate": 1e-3,
}
# The learner's settings, how many environments it takes, and the widths of its hidden layers.
LEARNERS = {
    "ppo": ({
        "n_steps": 32, "batch_size": 256, "gae_lambda": 0.8, "gamma": 0.98, "n_epochs": 20,
        "ent_coef": 0.0, "learning_rate": fading(1e-3), "clip_range": fading(0.2),
    }, 8, [64, 64]),
    "a2c": ({"ent_coef": 0.0}, 8, [64, 64]),
    "ddpg": (OFF_POLICY, 1, [400, 300]),
    "td3": (OFF_POLICY, 1, [400, 300]),
    "sac": ({"learning_rate": 1e-3, "learning_starts": 100}, 1, [256, 256]),
}


def halton(index, base):
    """The fraction whose digits are those of the index, mirrored at the point."""
    value, place = 0.0, 1.0 / base
    while index > 0:
        value += place * (index % base)
        index //= base
        place /= base
    return value


def starts(count, low, high):
    """Points that fill a box evenly, from the second on: the first is a corner."""
    bases = (2, 3, 5, 7)[:len(low)]
    unit = numpy.array([[halton(row + 1, base) for base in bases] for row in range(count)])
    return numpy.array(low) + unit * (numpy.array(high) - numpy.array(low))


def cart_pole(act, count):
    """Returns of greedy episodes of CartPole-v1."""
    state = starts(count, [-0.05] * 4, [0.05] * 4)
    standing, returns = numpy.ones(count, bool), numpy.zeros(count)
    for _ in range(500):
        position, velocity, angle, turning = state.T
        force = numpy.where(act(state.astype(numpy.float32)) == 1, 10.0, -10.0)
        push = (force + 0.05 * turning**2 * numpy.sin(angle)) / 1.1
        twist = (9.8 * numpy.sin(angle) - numpy.cos(angle) * push) / (
            0.5 * (4.0 / 3.0 - 0.1 * numpy.cos(angle) ** 2 / 1.1))
        pull = push - 0.05 * twist * numpy.cos(angle) / 1.1
        moved = numpy.stack([
            position + 0.02 * velocity, velocity + 0.02 * pull,
            angle + 0.02 * turning, turning + 0.02 * twist], axis=1)
        state = numpy.where(standing[:, None], moved, state)
        returns += standing
        limit = 12 * 2 * numpy.pi / 360
        standing &= (numpy.abs(state[:, 0]) <= 2.4) & (numpy.abs(state[:, 2]) <= limit)
        if not standing.any():
            break
    return returns


def pendulum(act, count):
    """Returns of greedy episodes of Pendulum-v1."""
    angle, speed = starts(count, [-numpy.pi, -1.0], [numpy.pi, 1.0]).T
    returns = numpy.zeros(count)
    for _ in range(200):
        seen = numpy.stack([numpy.cos(angle), numpy.sin(angle), speed], axis=1)
        torque = numpy.clip(act(seen.astype(numpy.float32)).reshape(count), -2, 2)
        leaning = (angle + numpy.pi) % (2 * numpy.pi) - numpy.pi
        returns -= leaning**2 + 0.1 * speed**2 + 0.001 * torque**2
        speed = numpy.clip(speed + (15 * numpy.sin(angle) + 3 * torque) * 0.05, -8, 8)
        angle = angle + speed * 0.05
    return returns


EPISODES = {"CartPole-v1": cart_pole, "Pendulum-v1": pendulum}


class Watch(BaseCallback):
    """Evaluates at equal distances, and counts CPU time and updates without that."""

    def __init__(self, steps, evaluations, evaluate):
        super().__init__()
        self.places = [round(steps * (index + 1) / evaluations) for index in range(evaluations)]
        self.evaluate = evaluate
        self.curve, self.seconds, self.spent = [], [], 0.0
        self.updating = None

    def _on_training_start(self):
        self.begin = time.process_time()

    def elapsed(self):
        return time.process_time() - self.begin - self.spent

    def updates(self):
        return getattr(self.model, "_n_updates", 0)

    def look(self):
        """Evaluates as often as is due."""
        while len(self.curve) < len(self.places) and (
                self.num_timesteps >= self.places[len(self.curve)]):
            self.seconds.append(self.elapsed())
            begin = time.process_time()
            self.curve.append(float(self.evaluate(self.model).mean()))
            self.spent += time.process_time() - begin

    def _on_step(self):
        if self.updating is None and self.updates() > 0:
            self.updating = (self.updates(), self.elapsed())
        self.look()
        return True


def train(name, settings, seed):
    environment, count = settings["environment"], settings["evaluation-episodes"]
    if environment not in EPISODES:
        raise ValueError(f"'{environment}' has no settings here; expected {sorted(EPISODES)}")
    chosen, copies, widths = LEARNERS[name]
    widths = [int(width) for width in settings["hidden"].split("-") if width] or widths
    chosen = dict(chosen, policy_kwargs={"net_arch": widths})
    if settings["random-steps"] and "learning_starts" in chosen:
        chosen["learning_starts"] = settings["random-steps"]
    if name in ("ddpg", "td3"):
        chosen["action_noise"] = NormalActionNoise(numpy.zeros(1), 0.1 * numpy.ones(1))
    torch.set_num_threads(1)
    worlds = make_vec_env(environment, n_envs=copies, seed=seed)
    learner = getattr(stable_baselines3, name.upper())
    model = learner("MlpPolicy", worlds, seed=seed, device="cpu", **chosen)

    def evaluate(model):
        return EPISODES[environment](
            lambda seen: model.predict(seen, deterministic=True)[0], count)

    watch = Watch(settings["steps"], settings["evaluations"], evaluate)
    model.learn(settings["steps"], callback=watch)
    watch.look()
    seconds = watch.elapsed()
    reached = [
        (step, spent) for step, spent, value in zip(watch.places, watch.seconds, watch.curve)
        if value >= settings["threshold"]]
    first, spent = watch.updating
    metrics = {
        "mean_return": watch.curve[-1],
        "return_curve": watch.curve,
        "reached": 1 if reached else 0,
        "steps_to_threshold": reached[0][0] if reached else settings["steps"],
        "cpu_to_threshold": reached[0][1] if reached else seconds,
        "training_cpu": seconds,
        "update_cpu": (seconds - spent) / max(watch.updates() - first, 1),
    }
    return model.num_timesteps, metrics


def answer(name, request):
    seed = int(request["seed"], 16) % 2**31
    steps, metrics = train(name, request["settings"], seed)
    return {"trial": request["trial"], "work": int(steps), "metrics": metrics}


def main():
    parser = argparse.ArgumentParser(description="A learner of Stable-Baselines3")
    parser.add_argument("learner", choices=sorted(LEARNERS))
    name = parser.parse_args().learner
    sys.stdin.readline()
    version = f"{stable_baselines3.__version__}, torch {torch.__version__}"
    greeting = {"fleetlab": 1, "name": f"sb3-{name}", "version": version, "capabilities": []}
    print(json.dumps(greeting), flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        if "run" not in message:
            break
        print(json.dumps(answer(name, message["run"])), flush=True)


if __name__ == "__main__":
    main()
