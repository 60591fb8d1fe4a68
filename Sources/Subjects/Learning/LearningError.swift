// What can go wrong in learning.

public import Journal
public import LabCore

/// Why something cannot be computed, learned, saved or loaded.
public enum LearningError: Error, Hashable, Sendable {
  /// Dynamic programming did not come to rest within so many sweeps: some policy earns or loses
  /// without end. Discount, or give the model an end.
  case unbounded(sweeps: Int)
  /// A setting lies outside its range: its name, what it is, and what was expected.
  case badSetting(name: String, value: String, expected: String)
  /// Learning has run away: what is no longer a finite number, after how many steps, and from which
  /// seed, where that is known.
  ///
  /// Lower the learning rate, or mend the rewards that came in; the seed brings it about again.
  case diverged(what: String, step: Int, seed: UInt64? = nil)
  /// A file cannot be read or written; the reason says what to do.
  case disk(DiskError)
  /// A checkpoint would have more bytes than are ever read again: its path, its size and the limit.
  /// Remember fewer steps.
  case tooLarge(path: String, size: ByteCount, limit: ByteCount)
  /// A checkpoint is not as it was written: its path and what is wrong. Use another one.
  case damaged(path: String, reason: String)
  /// A checkpoint is of another version of the format.
  case otherVersion(path: String, version: UInt32)
  /// A checkpoint is of another algorithm: the one found and the one expected.
  case otherAlgorithm(path: String, found: String, expected: String)
  /// A checkpoint lacks a part, or the part is of another size: its name, what was found and what
  /// was expected. It was made with other settings.
  case otherContent(part: String, found: String, expected: String)
}

extension LearningError: CustomStringConvertible {
  /// What is wrong; what was expected; what to do.
  public var description: String {
    switch self {
    case .unbounded(let sweeps):
      "the values do not settle within \(sweeps) sweeps; a model whose episodes end, or a discount "
        + "below 1, was expected; lower the discount"
    case .badSetting(let name, let value, let expected):
      "\(name) is \(value); \(expected) was expected; correct the setting"
    case .diverged(let what, let step, let seed):
      "\(what) is no finite number after \(step) steps"
        + (seed.map { " from seed \($0)" } ?? "") + "; finite numbers were expected; "
        + "lower the learning rate, or look for rewards that are no numbers"
    case .disk(let error): error.description
    case .tooLarge(let path, let size, let limit):
      "the checkpoint '\(path)' would have \(size); at most \(limit) was expected, as no more is "
        + "read; remember fewer steps"
    case .damaged(let path, let reason):
      "'\(path)' is no checkpoint as it was written: \(reason); a whole and unchanged file was "
        + "expected; use another checkpoint or train anew"
    case .otherVersion(let path, let version):
      "'\(path)' has format version \(version); version \(Checkpoint.version) was expected; "
        + "load it with the program that wrote it"
    case .otherAlgorithm(let path, let found, let expected):
      "'\(path)' is a checkpoint of \(found); one of \(expected) was expected; "
        + "name the algorithm that it was made with"
    case .otherContent(let part, let found, let expected):
      "the checkpoint's part '\(part)' is \(found); \(expected) was expected; "
        + "use the settings that it was made with"
    }
  }
}

extension LearningError {
  /// Refuses the first setting that does not hold.
  static func demand(
    _ settings: [(name: String, value: Double)], _ expected: String,
    where holds: (Double) -> Bool
  ) throws(LearningError) {
    for setting in settings where !holds(setting.value) {
      throw .badSetting(name: setting.name, value: "\(setting.value)", expected: expected)
    }
  }

  /// The greatest count that settings may ask for.
  static let greatestSetting = 1 << 31
  /// The greatest width of a layer.
  static let greatestWidth = 1 << 20

  /// Refuses the first count below 1, or above what is to be believed.
  static func demandPositive(
    _ counts: [(name: String, value: Int)], atMost limit: Int = greatestSetting
  ) throws(LearningError) {
    for count in counts where !(1...limit).contains(count.value) {
      throw .badSetting(
        name: count.name, value: "\(count.value)",
        expected: count.value < 1 ? "at least 1" : "at most \(limit)")
    }
  }

  /// Refuses more hidden layers, or wider ones, than a policy may be loaded with.
  static func demandHidden(_ widths: [Int]) throws(LearningError) {
    try demandPositive(widths.map { ("a hidden width", $0) }, atMost: greatestWidth)
    guard widths.count <= 32 else {
      throw .badSetting(
        name: "the number of hidden layers", value: "\(widths.count)", expected: "at most 32")
    }
  }

  /// The product of two counts, neither of which is negative.
  ///
  /// - Throws: ``badSetting(name:value:expected:)`` for one that is above what is to be believed.
  static func product(
    _ name: String, _ left: Int, _ right: Int
  ) throws(LearningError) -> Int {
    let (product, overflows) = left.multipliedReportingOverflow(by: right)
    guard !overflows, product <= greatestSetting else {
      throw .badSetting(
        name: name, value: "\(left) times \(right)", expected: "at most \(greatestSetting)")
    }
    return product
  }
}
