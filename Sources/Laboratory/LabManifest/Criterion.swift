/// A sentence that a run makes true or false, with the planted break that must flip it.
public struct Criterion: Hashable, Sendable {
  /// The name within its experiment, in kebab case.
  public var id: String
  /// The criterion in words.
  public var text: String
  /// The metric that decides.
  public var metric: String
  /// The arm that is judged; the experiment's only arm when it has one.
  public var arm: String
  /// Which cells are judged: swept keys and the values that they must have; all when empty.
  public var selection: [Selection]
  /// How the values of repetitions become one figure.
  public var statistic: Statistic
  /// Whether each selected cell must reach the bar, or all their values together.
  public var scope: Scope
  /// What the figure must reach.
  public var bar: Bar
  /// The break that must flip the outcome.
  public var control: Control
  /// What must turn a failure into a pass, where the control is a break; `nil` where the control
  /// serves for both.
  public var repair: Control?

  /// Describes a criterion.
  public init(
    id: String, text: String, metric: String, arm: String, selection: [Selection],
    statistic: Statistic, scope: Scope, bar: Bar, control: Control, repair: Control? = nil
  ) {
    self.id = id
    self.text = text
    self.metric = metric
    self.arm = arm
    self.selection = selection
    self.statistic = statistic
    self.scope = scope
    self.bar = bar
    self.control = control
    self.repair = repair
  }

  /// The controls under the names by which their cells are known.
  public var controls: [(name: String, change: Control)] {
    [(id, control)] + (repair.map { [(repairName, $0)] } ?? [])
  }

  /// The name of the repair's cells.
  public var repairName: String { "\(id)/repair" }

  /// A swept key and the values of it, as written, that are meant.
  public struct Selection: Hashable, Sendable {
    /// The swept key.
    public var key: String
    /// The canonical texts of the values.
    public var values: [String]

    /// Selects cells.
    public init(key: String, values: [String]) {
      self.key = key
      self.values = values
    }
  }

  /// How many values become one figure.
  public enum Statistic: Hashable, Sendable {
    /// The arithmetic mean, with a Student t interval over repetitions.
    case mean
    /// The median, with a bootstrap interval over repetitions.
    case median
    /// The mean of the middle half, which neither a lucky nor an unlucky run moves much, with a
    /// bootstrap interval over repetitions.
    /// > Source: Agarwal et al., *Deep Reinforcement Learning at the Edge of the Statistical
    /// > Precipice*, 2021.
    case interquartileMean
    /// The share of trials that measured 1, where all others measured 0, with Wilson's interval.
    case share
    /// The smallest value; no interval.
    case minimum
    /// The largest value; no interval.
    case maximum
    /// A quantile in 0…1 of the pooled latency histograms; no interval.
    case quantile(Double)
  }

  /// What is judged at once.
  public enum Scope: String, Hashable, Sendable, CaseIterable {
    /// Each selected cell by itself; the worst one is reported.
    case every
    /// The values of all selected cells together.
    case pooled
  }

  /// What a figure must reach.
  public enum Bar: Hashable, Sendable {
    /// At least this much.
    case atLeast(Double)
    /// At most this much.
    case atMost(Double)
    /// Exactly this.
    case equals(Double)
    /// At most this far from 0, on either side.
    case within(Double)
    /// As near to the mean of another metric as a number of standard errors.
    case matches(metric: String, standardErrors: Double)
    /// At least this many times the same figure of another arm in the same cells.
    case atLeastTimes(Double, arm: String)
    /// At most this many times the same figure of another arm in the same cells.
    case atMostTimes(Double, arm: String)
    /// Exactly this many times the same figure of another arm in the same cells.
    case equalsTimes(Double, arm: String)
    /// At least the same figure of another arm in the same cells, and this much more.
    case atLeastPlus(Double, arm: String)
    /// At most the same figure of another arm in the same cells, and this much more.
    case atMostPlus(Double, arm: String)
    /// Off the same figure of another arm in the same cells by at most this share of it, on either
    /// side.
    case withinTimes(Double, arm: String)
  }

  /// The break that must turn a pass into a failure or a failure into a pass.
  public struct Control: Hashable, Sendable {
    /// What is broken or mended, in words.
    public var text: String
    /// The arm to judge instead; `nil` for the same one.
    public var arm: String?
    /// The settings to change: dotted keys and values as a manifest would write them.
    ///
    /// When there are any, the selected cells run a second time with them.
    public var settings: [String: String]

    /// Describes a control.
    public init(text: String, arm: String?, settings: [String: String]) {
      self.text = text
      self.arm = arm
      self.settings = settings
    }
  }
}
