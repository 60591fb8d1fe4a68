// Every key of a manifest but those of networks, workloads and laws, with what it does.

/// The sections of manifests.
public enum ManifestKeys {
  /// All sections, the whole file first.
  public static let sections: [SectionDescription] = [
    manifest, network, node, link, delay, drift, spikes, burstLoss, linkOverride, matrix, fault,
    oneWay, clockSkew, workload, clients, law, mixturePart, sweep, range, sample, sizes, program,
    criterion, control, figure, crossing, gate, limits, data, precision,
  ]

  /// The whole file.
  public static let manifest = SectionDescription(
    name: "manifest", summary: "A question, the experiment that answers it, and what is judged.",
    keys: [
      .required(
        "fleetlab", .choice(["1"]), example: "fleetlab: 1",
        "The version of the manifest's form; it stands first."),
      KeyDescription(
        "id", .name, default: "the file name", example: "id: literal-transport",
        "The name of the manifest, which no other manifest has."),
      .required("title", .text, example: "title: Broadcast on three nodes", "A short title."),
      .required(
        "question", .text, example: "question: Does every event that arrives parse?",
        "The question in words, written before the first run."),
      KeyDescription(
        "experiment", .name, default: "the id", example: "experiment: literal-transport",
        "The experiment that answers the question; `fleetlab list` shows them."),
      KeyDescription(
        "tags", .list(.name), default: "none", example: "tags: [transport]",
        "Words to find the manifest by."),
      KeyDescription(
        "seed", .whole(atLeast: 0), default: "1", example: "seed: 1",
        "The root of all random streams, a whole number of 64 bits."),
      KeyDescription(
        "repetitions", .whole(atLeast: 1), default: "1", example: "repetitions: 10",
        "How often each arm runs in each cell, every time with other chances."),
      KeyDescription(
        "precision", .section("precision"), default: "every repetition runs",
        example: "precision: {metric: events_parsed, relative: 1%}",
        "When a cell may stop repeating before all its repetitions have run."),
      KeyDescription(
        "arms", .list(.name), default: "all of the experiment",
        example: "arms: [literal, corrected]",
        "What is compared."),
      KeyDescription(
        "programs", .map(.section("program")), default: "none",
        example: "programs: {mine: {command: [python3, mine.py], text: My own queue}}",
        "Programs in any language that run as further arms, by the names of these arms."),
      KeyDescription(
        "parameters", .map(.either([.value, .law(.number)])), default: "those of the experiment",
        example: "parameters: {events: 100}",
        "The experiment's parameters that differ from their defaults."),
      KeyDescription(
        "network", .section("network"), example: "network: {nodes: 3, link: {delay: 20ms}}",
        "The network, for experiments that run on one."),
      KeyDescription(
        "workload", .section("workload"),
        example: "workload: {closed: {clients: 4, think: 5ms}, requests: 1000, size: 1kB}",
        "What clients ask and when, for experiments that take a workload."),
      KeyDescription(
        "sweep", .section("sweep"), default: "a single cell",
        example: "sweep: {grid: {payload: [64B, 1kB], network.link.loss: [0%, 5%]}}",
        "The settings that vary; the points of its parts multiply."),
      KeyDescription(
        "sizes", .section("sizes"), default: "every size runs the same",
        example: "sizes: {smoke: {repetitions: 2}}",
        "What is different at a size, by the dotted paths of this file's keys."),
      KeyDescription(
        "measure", .list(.text), default: "all metrics of the experiment",
        example: "measure: [events_parsed, latency]", "The metrics that are kept."),
      KeyDescription(
        "criteria", .list(.section("criterion")), default: "none",
        example: "criteria: [{id: …, text: …, metric: …, bar: '>= 0.99', control: …}]",
        "Sentences that the run makes true or false, each with its control."),
      KeyDescription(
        "figures", .list(.section("figure")), default: "none",
        example:
          "figures: [{id: loss, title: Loss by size, mark: line, x: payload, metrics: [lost]}]",
        "What is drawn."),
      KeyDescription(
        "gate", .section("gate"), default: "{margin: 2.5%}", example: "gate: {margin: 1%}",
        "What is gated against a baseline, and by which margins."),
      KeyDescription(
        "limits", .section("limits"), default: "{wall: 2min, memory: 2GiB, cells: 100000}",
        example: "limits: {wall: 60s, memory: 1GiB}", "What a trial and the sweep may use."),
      KeyDescription(
        "data", .list(.section("data")), default: "none",
        example: "data: [{path: ../data.csv, digest: 9f86d0…}]",
        "The files that the experiment reads, pinned by their content."),
    ])

  static let sweep = SectionDescription(
    name: "sweep",
    summary: "The settings that vary. The points of grid, zip, list and csv multiply.",
    keys: [
      KeyDescription(
        "grid", .map(.either([.list(.value), .section("range")])),
        example: "grid: {payload: [64B, 1kB, 70kB], network.link.loss: [0%, 5%, 20%]}",
        "Every value of a key with every value of the others."),
      KeyDescription(
        "zip", .map(.either([.list(.value), .section("range")])),
        example: "zip: {world: [small, large], events: [10, 1000]}",
        "The first values of all keys together, then the second ones; all have equally many."),
      KeyDescription(
        "list", .list(.map(.value)), example: "list: [{payload: 64B}, {payload: 1kB}]",
        "Points written one by one, all with the same keys."),
      KeyDescription(
        "csv", .text, example: "csv: points.csv",
        "A file of points whose first line names the keys, relative to the manifest."),
      KeyDescription(
        "where", .list(.text), default: "every point",
        example: "where: [\"payload < 10kB or network.link.loss == 0%\"]",
        "Conditions that a point must meet: comparisons of keys and values by ==, !=, <, <=, > and "
          + ">=, joined by and, or, not and parentheses."),
      KeyDescription(
        "exclude", .list(.map(.value)), default: "none",
        example: "exclude: [{payload: 70kB, network.link.loss: 20%}]",
        "Points to leave out: those that have all values of an entry."),
      KeyDescription(
        "sample", .section("sample"), default: "every point",
        example: "sample: {count: 20, seed: 7}",
        "Draws some of the points."),
    ])

  static let range = SectionDescription(
    name: "range", summary: "Values from one end to another.",
    keys: [
      .required("from", .value, example: "from: 1kB", "The first value."),
      .required("to", .value, example: "to: 64kB", "The last value."),
      KeyDescription(
        "step", .value, example: "step: 5%",
        "The distance between two values; the last one is left out when no step meets it."),
      KeyDescription(
        "points", .whole(atLeast: 2), example: "points: 4",
        "How many values there are, in place of step."),
      KeyDescription(
        "scale", .choice(["linear", "log"]), default: "linear", example: "scale: log",
        "Whether the values lie at equal distances or at equal ratios."),
    ])

  static let sample = SectionDescription(
    name: "sample", summary: "Draws some points of a sweep.",
    keys: [
      .required("count", .whole(atLeast: 1), example: "count: 20", "How many points are drawn."),
      KeyDescription(
        "seed", .whole(atLeast: 0), default: "1", example: "seed: 7",
        "The root of the draws; the manifest's own seed plays no part."),
      KeyDescription(
        "method", .choice(["random", "latin-hypercube"]), default: "random",
        example: "method: latin-hypercube",
        "random: distinct points, each with the same chance, after where and exclude. "
          + "latin-hypercube: every value of every key about equally often, without where and "
          + "exclude; a point that is drawn twice runs once."),
    ])

  static let sizes = SectionDescription(
    name: "sizes",
    summary: "What is different at a size: dotted paths of this file's keys with their values.",
    keys: [
      KeyDescription(
        "smoke", .map(.value), default: "as written",
        example: "smoke: {repetitions: 2, sweep.grid.payload: [64B]}",
        "Seconds: enough to see it work."),
      KeyDescription(
        "standard", .map(.value), default: "as written", example: "standard: {repetitions: 20}",
        "Minutes: what the committed results hold."),
      KeyDescription(
        "full", .map(.value), default: "as written", example: "full: {repetitions: 100}", "Hours."),
    ])

  static let program = SectionDescription(
    name: "program",
    summary: "A program that runs as an arm and speaks JSON lines over its standard streams.",
    keys: [
      .required(
        "command", .list(.text), example: "command: [python3, mine.py]",
        "The program and its arguments, handed over without a shell. The first word is a path "
          + "relative to the manifest when it holds a slash, and is looked up in PATH otherwise; "
          + "the program runs in the manifest's folder."),
      .required("text", .text, example: "text: A heap in Python", "What the program is."),
      KeyDescription(
        "setup", .text, default: "none", example: "setup: ./Scripts/peers phold",
        "The command that gets the program where it is missing."),
    ])

  static let criterion = SectionDescription(
    name: "criterion", summary: "A sentence that a run makes true or false.",
    keys: [
      .required("id", .name, example: "id: events-parsed", "The name within the manifest."),
      .required(
        "text", .text, example: "text: every event that reaches a handler parses",
        "The criterion in words."),
      .required("metric", .text, example: "metric: parsed_fraction", "The metric that decides."),
      KeyDescription(
        "arm", .name, default: "the only arm", example: "arm: literal", "The arm that is judged."),
      KeyDescription(
        "where", .map(.either([.value, .list(.value)])), default: "all cells",
        example: "where: {network.link.loss: [0%, 5%]}",
        "Which cells are judged: swept keys with the values that they must have."),
      KeyDescription(
        "statistic", .text, default: "mean", example: "statistic: p99",
        "How values become one figure: mean, median, interquartile-mean (of the middle half), "
          + "share (of ones among zeros), minimum, maximum, or a percentile such as p50 or p99.9 "
          + "of a latency histogram."),
      KeyDescription(
        "scope", .choice(["every", "pooled"]), default: "every", example: "scope: pooled",
        "Whether each selected cell must reach the bar by itself, or all their values together."),
      .required(
        "bar", .text, example: "bar: '>= 0.99'",
        "What the figure must reach: '>= 0.99', '<= 20ms', '== 0', 'within 5%' (of 0, on either "
          + "side), '>= 2 times other-arm', 'within 10% of other-arm', '>= other-arm - 5' or "
          + "'matches other_metric within 3 standard errors'."),
      .required(
        "control", .section("control"),
        example: "control: {text: the corrected framing, arm: corrected}",
        "The break or repair that must turn the outcome round."),
      KeyDescription(
        "repair", .section("control"), default: "the control",
        example: "repair: {text: a link ten times as fast, set: {network.link.delay: 1ms}}",
        "What must turn a failure into a pass, where the control is a break that can only fail."),
    ])

  static let control = SectionDescription(
    name: "control", summary: "The break or repair that must turn a criterion's outcome round.",
    keys: [
      .required(
        "text", .text, example: "text: the receiver strips no header", "What is broken or mended."),
      KeyDescription(
        "arm", .name, default: "the criterion's arm", example: "arm: corrected",
        "The arm that is judged instead."),
      KeyDescription(
        "set", .map(.value), default: "nothing", example: "set: {framing: broken}",
        "Settings that change; the selected cells run a second time with them."),
    ])

  static let figure = SectionDescription(
    name: "figure", summary: "A drawing of metrics.",
    keys: [
      .required("id", .name, example: "id: loss-by-size", "The file name without its ending."),
      .required("title", .text, example: "title: Lost events by size", "The caption."),
      .required(
        "mark", .choice(["line", "bar", "distribution", "curve", "heatmap"]), example: "mark: line",
        "How values are drawn: lines or bars of the mean, distributions of latency histograms, "
          + "curves of one metric against another, a point for each cell, or a map of the ratio of "
          + "two arms over two swept keys."),
      KeyDescription(
        "x", .text, example: "x: payload",
        "The swept key on the horizontal axis, or of a curve the metric; 'step' for lines that "
          + "follow series; a distribution has none."),
      KeyDescription(
        "y", .text, example: "y: network.link.loss",
        "The swept key on the vertical axis of a heatmap, which alone has one."),
      .required(
        "metrics", .list(.text), example: "metrics: [parsed_fraction]",
        "The metrics on the vertical axis."),
      KeyDescription(
        "panels", .list(.text), default: "one panel", example: "panels: [world]",
        "At most two swept keys by which the figure is cut into panels."),
      KeyDescription(
        "series", .text, default: "the arms alone", example: "series: world",
        "A swept key whose values have colours of their own, beside the arms."),
      KeyDescription(
        "log", .list(.choice(["x", "y"])), default: "none", example: "log: [x, y]",
        "The logarithmic axes."),
      KeyDescription(
        "crossings", .list(.section("crossing")), default: "none",
        example: "crossings: [{arm: scan, bar: '>= 1 times hnsw-f32'}]",
        "Where lines of the first metric reach a multiple of each other; of a heatmap the one "
          + "ratio that it shows, framed where the multiple is reached. Other marks have none."),
    ])

  static let crossing = SectionDescription(
    name: "crossing", summary: "A place on the horizontal axis that a figure marks.",
    keys: [
      .required("arm", .name, example: "arm: scan", "The arm whose mean rises."),
      .required(
        "bar", .text, example: "bar: \">= 1 times hnsw-f32\"",
        "What it reaches: '>=' with a number of times another arm."),
    ])

  static let limits = SectionDescription(
    name: "limits", summary: "What a trial and the sweep may use.",
    keys: [
      KeyDescription(
        "wall", .quantity(unit: .duration), default: "2min", example: "wall: 60s",
        "The longest time of a trial, on the wall clock."),
      KeyDescription(
        "memory", .quantity(unit: .size), default: "2GiB", example: "memory: 1GiB",
        "The most memory of a trial."),
      KeyDescription(
        "cells", .whole(atLeast: 1), default: "100000", example: "cells: 1000",
        "The most cells that the sweep may have."),
    ])

  static let precision = SectionDescription(
    name: "precision",
    summary:
      "When a cell may stop repeating. It is asked after each repetition, in order, from the "
      + "fifth on, and all arms of a cell get equally many.",
    keys: [
      .required(
        "metric", .text, example: "metric: events_parsed",
        "The metric whose mean is to be known in every arm; a series counts by its own mean."),
      .required(
        "relative", .quantity(unit: .ratio), example: "relative: 1%",
        "The half-width of the interval for the mean that is small enough, as a share of the mean."
      ),
      KeyDescription(
        "confidence", .quantity(unit: .ratio), default: "95%", example: "confidence: 99%",
        "How often the interval covers the truth; a rough precision makes it cover a little less."),
    ])

  static let data = SectionDescription(
    name: "data", summary: "A file that the experiment reads.",
    keys: [
      .required(
        "path", .text, example: "path: ../data.csv", "The file, relative to the manifest."),
      .required(
        "digest", .digest, example: "digest: 9f86d081884c7d65…",
        "SHA-256 of the file in hexadecimal digits, as sha256sum prints it."),
    ])
}
