public import LabCore
public import Network

/// The three sizes in which a manifest can run.
public enum RunSize: String, Hashable, Sendable, CaseIterable, Comparable {
  /// Seconds: enough to see that everything works.
  case smoke
  /// Minutes: what the committed results hold.
  case standard
  /// Hours.
  case full

  public static func < (left: RunSize, right: RunSize) -> Bool {
    let order: [RunSize: Int] = [.smoke: 0, .standard: 1, .full: 2]
    return order[left, default: 0] < order[right, default: 0]
  }
}

/// Everything that a manifest settles for one cell.
public struct Settings: Hashable, Sendable {
  /// The parameters, every one that the experiment describes.
  public var parameters: [String: Value]
  /// The network, if the experiment takes one.
  public var network: NetworkDescription?
  /// The workload, if the experiment takes one.
  public var workload: WorkloadDescription?

  /// Describes settings.
  public init(
    parameters: [String: Value], network: NetworkDescription? = nil,
    workload: WorkloadDescription? = nil
  ) {
    self.parameters = parameters
    self.network = network
    self.workload = workload
  }
}

/// One point of a sweep.
public struct Cell: Hashable, Sendable {
  /// Sixteen hexadecimal digits over the experiment, its version, the settings and the data
  /// digests.
  public var id: String
  /// The swept keys with their values as text, in the order of the sweep.
  public var coordinates: [Coordinate]
  /// What the cell runs with.
  public var settings: Settings
  /// The criterion whose control this cell runs; `nil` for a cell of the sweep.
  public var control: String?
  /// The cell of the sweep that a control cell breaks; the first one where several become the same
  /// by the change.
  public var controls: String?
  /// The arms that run in this cell.
  public var arms: [String]

  /// Describes a cell.
  public init(
    id: String, coordinates: [Coordinate], settings: Settings, control: String?, controls: String?,
    arms: [String]
  ) {
    self.id = id
    self.coordinates = coordinates
    self.settings = settings
    self.control = control
    self.controls = controls
    self.arms = arms
  }

  /// One swept key and its value.
  public struct Coordinate: Hashable, Sendable {
    /// The dotted key.
    public var key: String
    /// The canonical text of the value.
    public var value: String

    /// Describes a coordinate.
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }
}

/// One repetition of one arm in one cell: the unit that a worker runs.
public struct Trial: Hashable, Sendable {
  /// The experiment's manifest id.
  public var manifest: String
  /// The point of the sweep, or of a control.
  public var cell: Cell
  /// What of the compared runs.
  public var arm: String
  /// The repetition, counted from 0.
  public var repetition: Int
  /// The root of the trial's random streams: the same for every arm of a cell and repetition, so
  /// that arms meet the same chances.
  public var seed: Seed

  /// Describes a trial.
  public init(manifest: String, cell: Cell, arm: String, repetition: Int, seed: Seed) {
    self.manifest = manifest
    self.cell = cell
    self.arm = arm
    self.repetition = repetition
    self.seed = seed
  }
}

/// All trials of a manifest at one size, fixed before the first one runs.
public struct Plan: Sendable {
  /// The question, resolved for one size.
  public var manifest: Manifest
  /// SHA-256 over the canonical text of the resolved manifest, in hexadecimal.
  public var digest: String
  /// The cells: those of the sweep in its order, then those of the controls.
  public var cells: [Cell]
  /// The trials, cell by cell, arm by arm.
  public var trials: [Trial]
  /// The resolved manifest as JSON, which holds all that CSV files gave and, loaded again by
  /// ``ManifestLoader/plan(resolved:path:size:)``, gives this plan.
  public var resolvedText: String

  /// Describes a plan.
  public init(
    manifest: Manifest, digest: String, cells: [Cell], trials: [Trial], resolvedText: String = ""
  ) {
    self.resolvedText = resolvedText
    self.manifest = manifest
    self.digest = digest
    self.cells = cells
    self.trials = trials
  }
}
