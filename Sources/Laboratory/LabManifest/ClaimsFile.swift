// The file of the document's claims: `Experiments/claims.yaml`.

/// Reads the claims of the document.
public enum ClaimsFile {
  private static let keys = [
    "id", "section", "quote", "criterion", "experiment", "as-written", "ours", "when",
    "not-testable",
  ]

  /// The claims of a file, in its order.
  ///
  /// - Throws: Everything that is wrong with the file, repeated names among it; its writer mends
  ///   it.
  public static func load(path: String) throws(ManifestProblems) -> [Claim] {
    try StrictYAML.read(file: path, claims)
  }

  /// The claims of a text; the path serves messages only.
  ///
  /// - Throws: Everything that is wrong with the text; its writer mends it.
  public static func load(text: String, path: String) throws(ManifestProblems) -> [Claim] {
    try StrictYAML.read(text, path: path, claims)
  }

  private static func claims(_ reader: StrictReader) -> [Claim]? {
    let names = ["fleetlab", "claims"]
    guard let fields = reader.fields(names, required: names) else { return nil }
    guard fields.read("fleetlab", { $0.choice(["1"]) }) != nil,
      let claims = fields.read("claims", { $0.list(claim) })
    else { return nil }
    var places: [String: SourcePlace] = [:]
    for item in fields["claims"]?.tree.items ?? [] {
      guard let tree = item["id"], let id = tree.text else { continue }
      guard let first = places.updateValue(tree.place, forKey: id) else { continue }
      fields["claims"]?.log.report(
        "manifest.duplicate-id", at: tree.place,
        "the claim '\(shortened(id))' is on line \(first.line) already; names that differ were "
          + "expected; rename one")
    }
    return claims
  }

  private static func claim(_ reader: StrictReader) -> Claim? {
    let required = ["id", "section", "quote", "criterion"]
    guard let fields = reader.fields(keys, required: required) else { return nil }
    let log = reader.log
    let before = log.count
    let id = fields.read("id") { $0.text() }
    let section = fields.read("section") { $0.text() }
    let quote = fields.read("quote") { $0.text() }
    let criterion = fields.read("criterion") { $0.text() }
    let experiment = fields.read("experiment") { $0.name() }
    let asWritten = fields.read("as-written") { $0.list(reference) } ?? []
    let ours = fields.read("ours") { $0.list(reference) } ?? []
    let condition = fields.read("when", condition)
    let reason = fields.read("not-testable") { $0.text() }
    if let notTestable = fields["not-testable"], fields["as-written"] != nil {
      notTestable.report(
        "claims.conflict",
        "the claim is not testable and has criteria as written; one of them was expected; remove "
          + "the other")
    }
    if fields["not-testable"] == nil, fields["experiment"] == nil {
      reader.report(
        "claims.undecided",
        "nothing decides the claim; an experiment or a reason was expected; add 'experiment: …' or "
          + "'not-testable: …'")
    }
    guard log.count == before, let id, let section, let quote, let criterion else { return nil }
    return Claim(
      id: id, section: section, quote: quote, criterion: criterion, experiment: experiment,
      asWritten: asWritten, ours: ours, condition: condition, notTestable: reason)
  }

  private static func condition(_ reader: StrictReader) -> Claim.Condition? {
    let names = ["criterion", "text"]
    guard let fields = reader.fields(names, required: names) else { return nil }
    let criterion = fields.read("criterion", reference)
    let text = fields.read("text") { $0.text() }
    guard let criterion, let text else { return nil }
    return Claim.Condition(criterion: criterion, text: text)
  }

  /// A criterion of a manifest, as `manifest/criterion`.
  private static func reference(_ reader: StrictReader) -> String? {
    guard let text = reader.text() else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ isKebabCase(String($0)) }) else {
      reader.report(
        "claims.reference",
        "'\(shortened(text))' names no criterion; a manifest and its criterion were expected; "
          + "write it like 'literal-transport/events-parsed'")
      return nil
    }
    return text
  }
}
