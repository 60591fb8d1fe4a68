public import LabManifest

/// A claim of the document with what the records say of it.
public struct ClaimOutcome: Hashable, Sendable {
  /// What the document says and who decides it.
  public var claim: Claim
  /// The verdict for the document as it is written.
  public var verdict: ClaimVerdict
  /// Why, in words.
  public var reason: String
  /// The outcome that decided the verdict; `nil` when no record did.
  public var deciding: CriterionOutcome?
  /// The outcome that shows the condition; `nil` unless the verdict is `holds-when`.
  public var condition: CriterionOutcome?
  /// What the corrected system reaches; `nil` when the claim names no criterion for it or none has
  /// a record.
  public var ours: Reached?

  /// What the corrected system reaches.
  public struct Reached: Hashable, Sendable {
    /// `pass` when every criterion passes, else the verdict of the worst one.
    public var verdict: CriterionVerdict
    /// The outcome that stands for all of them: the worst one, or the first one when all pass.
    public var outcome: CriterionOutcome

    /// Says what is reached.
    public init(verdict: CriterionVerdict, outcome: CriterionOutcome) {
      self.verdict = verdict
      self.outcome = outcome
    }
  }

  /// Makes an outcome from its parts.
  public init(
    claim: Claim, verdict: ClaimVerdict, reason: String, deciding: CriterionOutcome? = nil,
    condition: CriterionOutcome? = nil, ours: Reached? = nil
  ) {
    self.claim = claim
    self.verdict = verdict
    self.reason = reason
    self.deciding = deciding
    self.condition = condition
    self.ours = ours
  }
}
