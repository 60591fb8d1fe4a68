// One file of the simulated disk: what is durable, what is not yet, and what a crash makes of it.

import LabCore

/// The bytes of a file on the platter, and the changes that have not reached it.
struct SimulatedFile: Sendable {
  /// A change that is volatile until the next sync.
  enum Change: Sendable {
    case write(Bytes, at: Int)
    case resize(to: Int)
  }

  /// The bytes that a reader sees.
  private(set) var content: [UInt8] = []
  private var durable: [UInt8] = []
  private var changes: [Change] = []

  /// Changes what a reader sees.
  mutating func change(_ change: Change) {
    Self.apply(change, to: &content)
    changes.append(change)
  }

  /// Makes every change durable.
  mutating func sync() {
    for change in changes { Self.apply(change, to: &durable) }
    changes.removeAll(keepingCapacity: true)
  }

  /// Flips bits of one byte, on the platter and in what is still on its way there.
  mutating func corrupt(at offset: Int, mask: UInt8) {
    content[offset] ^= mask
    if offset < durable.count { durable[offset] ^= mask }
    if !changes.isEmpty { changes.append(.write(Bytes([content[offset]]), at: offset)) }
  }

  /// Loses what was not synced, or parts of it.
  mutating func crash(_ random: inout RandomStream) {
    switch random.below(5) {
    case 0: break
    case 1: for change in changes { Self.apply(change, to: &durable) }
    case 2: keepBeginning(&random)
    case 3: for change in changes { keepSectors(of: change, &random) }
    default:
      if content.count > durable.count { Self.apply(.resize(to: content.count), to: &durable) }
    }
    changes.removeAll()
    content = durable
  }

  /// Keeps the first changes, and of the one after them the first bytes.
  private mutating func keepBeginning(_ random: inout RandomStream) {
    let kept = random.below(changes.count + 1)
    for change in changes[..<kept] { Self.apply(change, to: &durable) }
    guard kept < changes.count, case .write(let bytes, let offset) = changes[kept] else { return }
    let part = bytes.slice(0..<random.below(bytes.count + 1))
    if !part.isEmpty { Self.apply(.write(part, at: offset), to: &durable) }
  }

  /// Keeps each sector that a write touches, and each change of the size, with a chance of one
  /// half.
  private mutating func keepSectors(of change: Change, _ random: inout RandomStream) {
    guard case .write(let bytes, let offset) = change else {
      if random.below(2) == 0 { Self.apply(change, to: &durable) }
      return
    }
    var start = 0
    while start < bytes.count {
      let sector = (offset + start) / SimulatedDisk.sectorSize
      let stop = min((sector + 1) * SimulatedDisk.sectorSize - offset, bytes.count)
      if random.below(2) == 0 {
        Self.apply(.write(bytes.slice(start..<stop), at: offset + start), to: &durable)
      }
      start = stop
    }
  }

  private static func apply(_ change: Change, to content: inout [UInt8]) {
    switch change {
    case .resize(let size): resize(&content, to: size)
    case .write(let bytes, let offset):
      if offset + bytes.count > content.count { resize(&content, to: offset + bytes.count) }
      bytes.withUnsafeBytes { source in
        content.withUnsafeMutableBytes { target in
          UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + source.count])
            .copyMemory(from: source)
        }
      }
    }
  }

  private static func resize(_ content: inout [UInt8], to size: Int) {
    if size <= content.count {
      content.removeLast(content.count - size)
    } else {
      content.append(contentsOf: [UInt8](repeating: 0, count: size - content.count))
    }
  }
}
