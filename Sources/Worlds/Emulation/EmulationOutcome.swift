// What an emulated link did to the packets of a run.
public import LabCore
public import Network
public import Statistics

/// What a link carried, and how punctual it was.
public struct EmulationOutcome: Sendable {
  /// What one direction carried.
  public struct Direction: Hashable, Sendable {
    /// The packets that a kernel sent into the link.
    public var packets = 0
    /// Their bytes with the headers of IP.
    public var bytes = 0
    /// What the link model took out, by its reason.
    public var lost: [LossReason: Int] = [:]
    /// The packets that arrived, copies among them.
    public var delivered = 0
    /// The packets that the receiving kernel had no room for.
    public var refused = 0
    /// Packets of other protocols than IPv4, which the link does not carry.
    public var foreign = 0

    /// The share of packets that the link model took out; 0 when there were none.
    public var lossRate: Double {
      packets == 0 ? 0 : Double(lost.values.reduce(0, +)) / Double(packets)
    }
  }

  /// The directions: from node 0 to node 1, and back.
  public var directions = [Direction(), Direction()]
  /// How long after their time packets left the link, in nanoseconds.
  ///
  /// The time of a packet counts from when the relay read it, so what it waited for that in the
  /// device's own queue is not in it. That wait is short while the relay keeps its own times: a
  /// relay that does not come to run is late with what is due as well.
  public var lateness = LatencyHistogram()

  /// The lateness that 99 of 100 packets do not exceed; `nil` when there were none.
  public var lateness99: Duration? {
    do throws(LatencyHistogramError) {
      return .nanoseconds(try lateness.quantile(0.99))
    } catch { return nil }
  }
}

extension EmulationOutcome: CustomStringConvertible {
  /// One line for people: packets and losses of both directions, and the lateness.
  public var description: String {
    let ways = zip(["there", "back"], directions).map { name, way in
      let share = (way.lossRate * 1e4).rounded() / 100
      return "\(name): \(way.packets) packets, \(share) % lost, \(way.delivered) delivered"
    }
    let late = [0.5, 0.9, 0.99, 1].map { share -> String in
      do throws(LatencyHistogramError) {
        return "\(Duration.nanoseconds(try lateness.quantile(share)))"
      } catch { return "none" }
    }
    return ways.joined(separator: "; ")
      + "; late at p50, p90, p99 and most: \(late.joined(separator: ", "))"
  }
}
