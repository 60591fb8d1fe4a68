// What is left of a world of sockets when it has been stopped.
public import LabCore
public import Statistics

/// What a stopped world has counted, and the observations that nobody took.
public struct SocketOutcome<Report: Sendable>: Sendable {
  /// What each local node counted.
  public let counters: [NodeID: NodeCounters]
  /// How long after their time shaped links released datagrams, in nanoseconds, over all nodes;
  /// empty on bare links.
  public let lateness: LatencyHistogram
  /// The observations that were not taken, each node's in its order.
  public let remaining: [Observation<Report>]
  /// How many observations found no room.
  public let observationsLost: Int

  init(
    records: [NodeID: NodeRecord], remaining: [Observation<Report>], observationsLost: Int
  ) {
    counters = records.mapValues(\.counters)
    var lateness = LatencyHistogram()
    for record in records.values {
      guard let own = record.lateness else { continue }
      do throws(LatencyHistogramError) { try lateness.merge(own) } catch {
        preconditionFailure("histograms of one precision can be merged: \(error)")
      }
    }
    self.lateness = lateness
    self.remaining = remaining
    self.observationsLost = observationsLost
  }

  /// The lateness that half of the shaped datagrams do not exceed; `nil` when there was none.
  public var medianLateness: Duration? { lateness(at: 0.5) }
  /// The lateness that 99 % of the shaped datagrams do not exceed; `nil` when there was none.
  public var lateness99: Duration? { lateness(at: 0.99) }

  private func lateness(at probability: Double) -> Duration? {
    do throws(LatencyHistogramError) {
      return .nanoseconds(try lateness.quantile(probability))
    } catch { return nil }
  }
}
