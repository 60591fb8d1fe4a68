// The name of a cell: a digest over all that decides what it runs.

/// Makes the names of cells.
struct CellIdentity {
  private let head: String
  private let tail: String

  init(experiment: ExperimentDescription, data: [Manifest.DataFile]) {
    head = "experiment \(experiment.name)\nversion \(experiment.version)\n"
    tail = data.map { "data \($0.digest)\n" }.joined()
  }

  /// Sixteen hexadecimal digits over the experiment, its version, the settings and the data.
  ///
  /// - Parameters:
  ///   - parameters: The text of each parameter.
  ///   - network: A digest of the network's canonical text.
  ///   - workload: A digest of the workload's canonical text.
  ///   - control: For a cell of a control, the criterion.
  /// - Determinism: The arguments fix the result; other cells play no part.
  func id(
    parameters: [String: String], network: String?, workload: String?, control: String? = nil
  ) -> String {
    var text = head
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      text += "parameter \(name) \(jsonString(value))\n"
    }
    if let network { text += "network \(network)\n" }
    if let workload { text += "workload \(workload)\n" }
    text += tail
    if let control { text += "control \(control)\n" }
    return String(sha256(text).prefix(16))
  }
}
