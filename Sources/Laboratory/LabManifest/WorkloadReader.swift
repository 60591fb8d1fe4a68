// Reading the description of a workload.

import LabCore
import Network
import Statistics

extension StrictReader {
  /// A workload.
  func workload() -> WorkloadDescription? {
    guard let fields = fields(ManifestKeys.workload) else { return nil }
    let loop: WorkloadLoop?
    switch (fields["open"], fields["closed"]) {
    case (let open?, nil): loop = open.law(.seconds).map(WorkloadLoop.open)
    case (nil, let closed?): loop = closed.clients()
    default:
      report(
        "manifest.workload",
        "exactly one of 'open' and 'closed' was expected; write "
          + "'open: {law: exponential, mean: 10ms}' or 'closed: {clients: 4, think: 5ms}'")
      loop = nil
    }
    let requests = fields.read("requests") { $0.whole(in: 1...Int.max) }
    let size = fields.read("size") { $0.law(.bytes) }
    guard let loop, let requests, let size else { return nil }
    return WorkloadDescription(loop: loop, requests: requests, size: size)
  }

  private func clients() -> WorkloadLoop? {
    guard let fields = fields(ManifestKeys.clients) else { return nil }
    let clients = fields.read("clients") { $0.whole(in: 1...1_000_000) }
    let think = fields.read("think", default: .constant(0)) { $0.law(.seconds) }
    guard let clients, let think else { return nil }
    return .closed(clients: clients, think: think)
  }
}
