public import LabCore

/// A question, as one YAML file asks it.
public struct Manifest: Sendable {
  /// The path of the file, as it was given.
  public var path: String
  /// The name, unique among manifests, in kebab case.
  public var id: String
  /// A short title.
  public var title: String
  /// The question in words, written before the first run.
  public var question: String
  /// The experiment that answers it.
  public var experiment: ExperimentDescription
  /// Words to find it by.
  public var tags: [String]
  /// The size that this manifest was resolved for.
  public var size: RunSize
  /// The root of all random streams.
  public var seed: UInt64
  /// How often each arm runs in each cell.
  public var repetitions: Int
  /// The arms that run.
  public var arms: [String]
  /// The metrics that are kept.
  public var measures: [MetricDescription]
  /// What is judged.
  public var criteria: [Criterion]
  /// What is drawn.
  public var figures: [FigureRequest]
  /// What a trial may use.
  public var limits: TrialLimits
  /// The files that the experiment reads.
  public var data: [DataFile]
  /// The programs that run as arms.
  public var programs: [ProgramDescription] = []
  /// What is gated against a baseline, and by which margins.
  public var gate = GatePolicy()
  /// When a cell may stop repeating; `nil` when every repetition runs.
  public var precision: PrecisionRule? = nil

  /// What a trial may use before it is stopped.
  public struct TrialLimits: Hashable, Sendable {
    /// The longest time, on the wall clock.
    public var wall: Duration
    /// The most memory.
    public var memory: ByteCount
    /// The most cells that a sweep may have.
    public var cells: Int

    /// Describes limits.
    public init(
      wall: Duration = .seconds(120), memory: ByteCount = ByteCount(2 << 30), cells: Int = 100_000
    ) {
      self.wall = wall
      self.memory = memory
      self.cells = cells
    }
  }

  /// A file that an experiment reads, pinned by its content.
  public struct DataFile: Hashable, Sendable {
    /// The path, relative to the manifest.
    public var path: String
    /// SHA-256 in hexadecimal.
    public var digest: String

    /// Describes a file.
    public init(path: String, digest: String) {
      self.path = path
      self.digest = digest
    }
  }
}

/// A figure that a manifest asks for.
public struct FigureRequest: Hashable, Sendable {
  /// What stands for the places in a series on the horizontal axis.
  public static let step = "step"

  /// The file name without its ending, in kebab case.
  public var id: String
  /// The caption.
  public var title: String
  /// How values are drawn.
  public var mark: Mark
  /// The swept key on the horizontal axis, or of a ``Mark/curve`` the metric; ignored by
  /// ``Mark/distribution``.
  ///
  /// A ``Mark/line`` over ``step`` follows series.
  public var x: String
  /// The swept key on the vertical axis of a ``Mark/heatmap``; empty in other figures.
  public var y: String
  /// The metrics on the vertical axis, or the one whose ratio is mapped.
  public var metrics: [String]
  /// Swept keys by which the figure is cut into panels; at most two.
  public var panels: [String]
  /// The swept key whose values have colours of their own beside the arms; `nil` for arms alone.
  public var series: String?
  /// Whether an axis is logarithmic.
  public var logarithmic: Set<Axis>
  /// Where arms meet, marked in a figure of lines; the one ratio that a ``Mark/heatmap`` shows.
  public var crossings: [Crossing]

  /// Describes a figure.
  public init(
    id: String, title: String, mark: Mark, x: String, y: String = "", metrics: [String],
    panels: [String], series: String? = nil, logarithmic: Set<Axis>, crossings: [Crossing] = []
  ) {
    self.id = id
    self.title = title
    self.mark = mark
    self.x = x
    self.y = y
    self.metrics = metrics
    self.panels = panels
    self.series = series
    self.logarithmic = logarithmic
    self.crossings = crossings
  }

  /// Where the mean of an arm becomes, or is at least, a number of times that of another.
  public struct Crossing: Hashable, Sendable {
    /// The arm whose mean rises.
    public var arm: String
    /// How many times the other's mean.
    public var times: Double
    /// The other arm.
    public var other: String

    /// Describes a crossing.
    public init(arm: String, times: Double, other: String) {
      self.arm = arm
      self.times = times
      self.other = other
    }
  }

  /// How values are drawn.
  public enum Mark: String, Hashable, Sendable, CaseIterable {
    /// Lines of the mean with a band of the interval, one colour an arm.
    case line
    /// Bars of the mean with a whisker of the interval, one colour an arm.
    case bar
    /// The cumulative distribution of latency histograms, one colour an arm.
    case distribution
    /// The mean of one metric against that of another, a point for each cell, joined in the order
    /// of the sweep.
    case curve
    /// The ratio of two arms' means over two swept keys, framed where it reaches a multiple.
    case heatmap
  }

  /// One of the two axes.
  public enum Axis: String, Hashable, Sendable, CaseIterable {
    /// The horizontal one.
    case x
    /// The vertical one.
    case y
  }
}
