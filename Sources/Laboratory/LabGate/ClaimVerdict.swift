/// What the records say of a claim of the document, as it is written there.
public enum ClaimVerdict: Hashable, Sendable {
  /// Every criterion of the claim passes.
  case supported
  /// A criterion of the claim fails, and no condition saves it.
  case refuted
  /// A criterion fails in general, but the claim holds under a condition, given in numbers.
  case holdsWhen(condition: String)
  /// No criterion fails, but not all of them pass.
  case inconclusive
  /// The claim can never be tested here, for a reason.
  case notTestable(reason: String)
  /// No criterion decides the claim yet, or none has a record.
  case notYetTested

  /// The name in tables and files, in kebab case.
  public var name: String {
    switch self {
    case .supported: "supported"
    case .refuted: "refuted"
    case .holdsWhen: "holds-when"
    case .inconclusive: "inconclusive"
    case .notTestable: "not-testable"
    case .notYetTested: "not-yet-tested"
    }
  }

  /// All names, in the order in which summaries count them.
  public static let names = [
    "supported", "refuted", "holds-when", "inconclusive", "not-testable", "not-yet-tested",
  ]

  /// The condition or the reason that belongs to the verdict; `nil` for a verdict that has none.
  public var detail: String? {
    switch self {
    case .holdsWhen(let condition): condition
    case .notTestable(let reason): reason
    case .supported, .refuted, .inconclusive, .notYetTested: nil
    }
  }

  /// What the verdict means, for a reader who meets it for the first time.
  public var explanation: String {
    ClaimVerdict.explanation(ofName: name) ?? name
  }

  /// What the verdict of a name means.
  ///
  /// - Parameter name: One of ``names``.
  /// - Returns: `nil` for any other word.
  public static func explanation(ofName name: String) -> String? {
    switch name {
    case "supported":
      "every criterion of the claim passes on the system as the document writes it"
    case "refuted":
      "at least one criterion of the claim fails on the system as the document writes it, and no "
        + "condition under which it would hold was shown"
    case "holds-when":
      "the claim fails in general but passes under the condition that stands beside the verdict"
    case "inconclusive":
      "no criterion of the claim fails, but at least one is inconclusive or lacks values"
    case "not-testable":
      "nothing that could be run here would decide the claim; the reason stands beside the verdict"
    case "not-yet-tested":
      "no criterion decides the claim yet, or the experiment that decides it has no record"
    default: nil
    }
  }
}
