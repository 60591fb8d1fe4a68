/// What an experiment says of itself, against which manifests are checked.
public struct ExperimentDescription: Sendable {
  /// The name that manifests use, in kebab case.
  public var name: String
  /// One sentence on what is run.
  public var summary: String
  /// The version of the subject and of what is measured; raised by hand when either changes.
  public var version: Int
  /// What is compared, in the order in which reports show it.
  public var arms: [ArmDescription]
  /// The parameters that a manifest may set or sweep.
  public var parameters: [ParameterDescription]
  /// What is measured.
  public var metrics: [MetricDescription]
  /// Whether a manifest describes a network.
  public var takesNetwork: Bool
  /// Whether a manifest describes a workload.
  public var takesWorkload: Bool

  /// Describes an experiment.
  public init(
    name: String, summary: String, version: Int, arms: [ArmDescription],
    parameters: [ParameterDescription], metrics: [MetricDescription],
    takesNetwork: Bool = false, takesWorkload: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.version = version
    self.arms = arms
    self.parameters = parameters
    self.metrics = metrics
    self.takesNetwork = takesNetwork
    self.takesWorkload = takesWorkload
  }
}

/// One of the things that an experiment compares.
public struct ArmDescription: Hashable, Sendable {
  /// The name in kebab case.
  public var name: String
  /// One sentence on what it is.
  public var summary: String

  /// Describes an arm.
  public init(_ name: String, _ summary: String) {
    self.name = name
    self.summary = summary
  }
}

/// One parameter of an experiment.
public struct ParameterDescription: Hashable, Sendable {
  /// The key in manifests, in kebab case.
  public var name: String
  /// What values it takes.
  public var kind: ValueKind
  /// The value when a manifest says nothing.
  public var fallback: Value
  /// One sentence on what it does.
  public var summary: String

  /// Describes a parameter.
  public init(_ name: String, _ kind: ValueKind, default fallback: Value, _ summary: String) {
    self.name = name
    self.kind = kind
    self.fallback = fallback
    self.summary = summary
  }
}

/// How values of a metric are compared between runs.
public enum MetricClass: String, Hashable, Sendable, CaseIterable {
  /// Equal or not, between runs whose exactness keys agree.
  case exact
  /// Within 0.2 %.
  case counted
  /// By an interval over seeds.
  case sampled
  /// Only as a paired ratio within one run.
  case timed
  /// Recorded with the host and never compared.
  case ceiling
}

/// Which way a metric gets better.
public enum MetricDirection: String, Hashable, Sendable, CaseIterable {
  /// More is better.
  case higher
  /// Less is better.
  case lower
  /// Neither; it is a fact.
  case neutral
}

/// One thing that an experiment measures.
public struct MetricDescription: Hashable, Sendable {
  /// The name in snake case, without the unit.
  public var name: String
  /// How it is compared.
  public var metricClass: MetricClass
  /// The unit in words: `s`, `B`, `1` for none, `hash` for a fingerprint, `histogram` for a latency
  /// histogram.
  public var unit: String
  /// Which way is better.
  public var direction: MetricDirection
  /// One sentence on how it is obtained.
  public var summary: String

  /// Describes a metric.
  public init(
    _ name: String, _ metricClass: MetricClass, unit: String, _ direction: MetricDirection,
    _ summary: String
  ) {
    self.name = name
    self.metricClass = metricClass
    self.unit = unit
    self.direction = direction
    self.summary = summary
  }
}
