public import LabCore
public import Network

/// The links between all pairs of nodes, each with its memory and its random stream.
///
/// Links whose model remembers nothing share the stream of their sender, which the world keeps;
/// every other link has a state and a stream of its own, made in the row of its sender when that
/// first sends.
@usableFromInline
struct LinkTable: ~Copyable {
  @usableFromInline
  struct Link: BitwiseCopyable {
    @usableFromInline var state: LinkState
    @usableFromInline var random: RandomStream
  }

  @usableFromInline let nodes: Int
  /// The distinct models; the last one is that of a node's link to itself, which is perfect.
  @usableFromInline let processes: UnsafeMutablePointer<LinkProcess>
  @usableFromInline let processCount: Int
  /// The same models where they are plain.
  @usableFromInline let plain: UnsafeMutablePointer<PlainLink?>
  /// From sender × nodes + receiver to the model; `nil` when all pairs have the first.
  @usableFromInline let modelOfPair: UnsafeMutablePointer<UInt16>?
  @usableFromInline let rows: UnsafeMutablePointer<UnsafeMutablePointer<Link>?>
  let seed: Seed

  init(_ network: NetworkDescription, seed: Seed) {
    nodes = network.nodes.count
    self.seed = seed
    var models: [LinkModel] = [network.link]
    if network.overrides.isEmpty {
      modelOfPair = nil
    } else {
      var known: [LinkModel: UInt16] = [network.link: 0]
      let pairs = UnsafeMutablePointer<UInt16>.allocate(capacity: nodes * nodes)
      for sender in 0..<nodes {
        for receiver in 0..<nodes {
          let model = network.link(from: NodeID(sender), to: NodeID(receiver))
          if known[model] == nil {
            known[model] = UInt16(models.count)
            models.append(model)
          }
          pairs[sender * nodes + receiver] = known[model, default: 0]
        }
      }
      modelOfPair = pairs
    }
    models.append(LinkModel(reordering: true, maximumPacket: ByteCount(65_535 + 1)))
    processCount = models.count
    processes = .allocate(capacity: models.count)
    plain = .allocate(capacity: models.count)
    for (index, model) in models.enumerated() {
      (processes + index).initialize(to: LinkProcess(model))
      (plain + index).initialize(to: processes[index].plain)
    }
    rows = .allocate(capacity: max(nodes, 1))
    rows.initialize(repeating: nil, count: max(nodes, 1))
  }

  @inlinable deinit {
    processes.deinitialize(count: processCount)
    processes.deallocate()
    plain.deallocate()
    modelOfPair?.deallocate()
    for sender in 0..<nodes { rows[sender]?.deallocate() }
    rows.deallocate()
  }

  @inlinable @inline(__always)
  mutating func transmit(
    from sender: UInt32, to receiver: UInt32, bytes: Int, at now: Instant,
    _ random: inout RandomStream
  ) -> Transmission {
    var model = 0
    if sender == receiver {
      model = processCount &- 1
    } else if let modelOfPair {
      model = Int(modelOfPair[Int(sender) &* nodes &+ Int(receiver)])
    }
    if let plain = plain[model], bytes <= plain.largestPayload {
      return plain.transmit(at: now, &random)
    }
    let process = processes + model
    if process.pointee.isMemoryless {
      var nothing = LinkState()
      return process.pointee.transmit(bytes: bytes, at: now, state: &nothing, random: &random)
    }
    return transmit(model, from: sender, to: receiver, bytes: bytes, at: now)
  }

  @usableFromInline
  func transmit(
    _ model: Int, from sender: UInt32, to receiver: UInt32, bytes: Int, at now: Instant
  ) -> Transmission {
    let link = row(of: sender) + Int(receiver)
    return processes[model].transmit(
      bytes: bytes, at: now, state: &link.pointee.state, random: &link.pointee.random)
  }

  @usableFromInline func row(of sender: UInt32) -> UnsafeMutablePointer<Link> {
    if let row = rows[Int(sender)] { return row }
    let row = UnsafeMutablePointer<Link>.allocate(capacity: nodes)
    for receiver in 0..<nodes {
      let random = seed.child(Int(sender)).child(receiver).stream()
      (row + receiver).initialize(to: Link(state: LinkState(), random: random))
    }
    rows[Int(sender)] = row
    return row
  }
}
