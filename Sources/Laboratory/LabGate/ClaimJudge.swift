public import LabManifest

/// Judges claims from the outcomes of criteria.
///
/// The verdict is for the document as written: all criteria pass → supported; any fails → refuted,
/// unless the criterion of the claim's condition passes → holds-when; else any that is
/// inconclusive, missing or without a record → inconclusive. A claim without criteria, or none of
/// whose criteria has a record, is not yet tested.
public struct ClaimJudge: Sendable {
  private let outcomes: [String: CriterionOutcome]

  /// Takes the outcomes of all records.
  ///
  /// - Precondition: No two outcomes have one ``CriterionOutcome/name``; ids of manifests are
  ///   unique.
  public init(outcomes: [CriterionOutcome]) {
    self.outcomes = Dictionary(
      outcomes.map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in preconditionFailure("\(first.name) is judged twice") })
  }

  /// The outcome of each claim, in order.
  public func outcomes(of claims: [Claim]) -> [ClaimOutcome] { claims.map { outcome(of: $0) } }

  /// The outcome of one claim.
  public func outcome(of claim: Claim) -> ClaimOutcome {
    var outcome = asWritten(claim)
    outcome.ours = reached(by: claim.ours)
    return outcome
  }

  private func asWritten(_ claim: Claim) -> ClaimOutcome {
    if let reason = claim.notTestable {
      return ClaimOutcome(claim: claim, verdict: .notTestable(reason: reason), reason: reason)
    }
    guard !claim.asWritten.isEmpty else {
      return ClaimOutcome(
        claim: claim, verdict: .notYetTested, reason: "no criterion decides it yet")
    }
    let judged = claim.asWritten.compactMap { outcomes[$0] }
    let absent = claim.asWritten.filter { outcomes[$0] == nil }
    guard let first = judged.first else {
      return ClaimOutcome(
        claim: claim, verdict: .notYetTested,
        reason: "there is no record of \(absent.joined(separator: ", "))")
    }
    if let failed = judged.first(where: { $0.verdict == .fail }) {
      return refuted(claim, by: failed)
    }
    if let open = judged.first(where: { $0.verdict != .pass }) {
      return ClaimOutcome(
        claim: claim, verdict: .inconclusive,
        reason: "\(open.name) is \(open.verdict.rawValue): \(open.reason)", deciding: open)
    }
    guard absent.isEmpty else {
      return ClaimOutcome(
        claim: claim, verdict: .inconclusive,
        reason: "there is no record of \(absent.joined(separator: ", "))", deciding: first)
    }
    let names = judged.map(\.name).joined(separator: ", ")
    return ClaimOutcome(
      claim: claim, verdict: .supported,
      reason: judged.count == 1 ? "\(names) passes" : "\(names) pass", deciding: first)
  }

  private func refuted(_ claim: Claim, by failed: CriterionOutcome) -> ClaimOutcome {
    if let condition = claim.condition, let shown = outcomes[condition.criterion],
      shown.verdict == .pass
    {
      return ClaimOutcome(
        claim: claim, verdict: .holdsWhen(condition: condition.text),
        reason: "\(failed.name) fails, but \(shown.name) passes", deciding: failed,
        condition: shown)
    }
    return ClaimOutcome(
      claim: claim, verdict: .refuted, reason: "\(failed.name) fails: \(failed.reason)",
      deciding: failed)
  }

  private func reached(by names: [String]) -> ClaimOutcome.Reached? {
    let judged = names.compactMap { outcomes[$0] }
    guard let first = judged.first else { return nil }
    let order: [CriterionVerdict] = [.fail, .missing, .inconclusive]
    for verdict in order {
      if let worst = judged.first(where: { $0.verdict == verdict }) {
        return ClaimOutcome.Reached(verdict: verdict, outcome: worst)
      }
    }
    // A criterion without a record is not a pass.
    return ClaimOutcome.Reached(
      verdict: judged.count == names.count ? .pass : .missing, outcome: first)
  }
}
