public import Statistics

/// What clients ask of a system, and when.
public struct WorkloadDescription: Hashable, Sendable {
  /// Who decides when the next request is made.
  public var loop: WorkloadLoop
  /// How many requests are made.
  public var requests: Int
  /// The law of a request's size in bytes.
  public var size: Law

  /// Describes a workload.
  public init(loop: WorkloadLoop, requests: Int, size: Law) {
    self.loop = loop
    self.requests = requests
    self.size = size
  }
}

/// Who decides when the next request is made.
public enum WorkloadLoop: Hashable, Sendable {
  /// The world outside: requests come whether or not earlier ones were answered, so latency counts
  /// from the intended time. The law gives the seconds between two requests.
  case open(interval: Law)
  /// A number of clients, each of which waits for its answer and then thinks for a time by the law,
  /// in seconds.
  case closed(clients: Int, think: Law)
}
