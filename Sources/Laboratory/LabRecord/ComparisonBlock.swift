// What a paired comparison measures: blocks of slots, and the table that keeps them.

/// Eight slots of work in which two programs take turns, so that whatever drifts meets both alike.
///
/// A block is an ABBA and its mirror image BAAB. The base stands in it under two names, which share
/// its slots: as itself and as the control, which is the same program once more.
public struct ComparisonBlock: Hashable, Sendable {
  /// Who runs in a slot.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    /// The program that is compared with.
    case base
    /// The base once more, so that the comparison can be seen to find nothing where nothing is.
    case control
    /// The program that is judged.
    case head
  }

  /// What one slot cost.
  public struct Slot: Hashable, Sendable {
    /// Who ran.
    public var role: Role
    /// Processor time of the finished program in user and kernel mode, in seconds, per run.
    public var cpuSeconds: Double
    /// Time on the wall clock, in seconds, per run.
    public var wallSeconds: Double
    /// How often the program was taken off its processor, by itself or by others, in all runs.
    public var contextSwitches: Int

    /// Describes a slot.
    public init(role: Role, cpuSeconds: Double, wallSeconds: Double, contextSwitches: Int) {
      self.role = role
      self.cpuSeconds = cpuSeconds
      self.wallSeconds = wallSeconds
      self.contextSwitches = contextSwitches
    }
  }

  /// The place of the block in the comparison, counted from 0; a warm-up has none and is not kept.
  public var index: Int
  /// The slots in the order in which they ran: as ``order(ofBlock:)`` says.
  public var slots: [Slot]
  /// How many runs of a program one slot holds.
  public var runsPerSlot: Int
  /// The load average over one minute at the end of the block.
  public var load: Double
  /// Time that the host of a virtual machine took away during the block, over all processors, in
  /// seconds; 0 where the kernel does not count it.
  public var stealSeconds: Double

  /// Describes a block.
  public init(
    index: Int, slots: [Slot], runsPerSlot: Int = 1, load: Double = 0, stealSeconds: Double = 0
  ) {
    self.index = index
    self.slots = slots
    self.runsPerSlot = runsPerSlot
    self.load = load
    self.stealSeconds = stealSeconds
  }

  /// How many slots a block has.
  public static let slotCount = 8

  /// Who runs when in a block.
  ///
  /// Base and head follow the sequence of Thue and Morse (A B B A B A A B, and every third and
  /// fourth block its complement), so that drift of first and second degree cancels within a block;
  /// each two slots hold both. Base and control share the slots of the base, and change places from
  /// block to block, so that drift of the first degree cancels in two blocks.
  /// > Source: Prouhet, *Mémoire sur quelques relations entre les puissances des nombres*, Comptes
  /// > Rendus 33, 1851, for the sums of powers that are alike.
  public static func order(ofBlock index: Int) -> [Role] {
    let isHeadFirst = index & 2 != 0
    var isControl = index & 1 != 0
    var order: [Role] = []
    for slot in 0..<slotCount {
      let isHead = (slot.nonzeroBitCount & 1 != 0) != isHeadFirst
      if isHead {
        order.append(.head)
      } else {
        order.append(isControl ? .control : .base)
        isControl.toggle()
      }
      // The mirror image has base and control the other way round.
      if slot == 3 { isControl.toggle() }
    }
    return order
  }
}

extension ComparisonBlock {
  /// The columns of `blocks.csv`: one row a slot.
  public static let columns = [
    "block", "slot", "role", "cpu_seconds", "wall_seconds", "context_switches", "runs", "load",
    "steal_seconds",
  ]

  /// What the columns of `blocks.csv` mean, for people.
  public static let dictionary: [(column: String, meaning: String)] = [
    ("block", "the block, counted from 0; the warm-up block is not kept"),
    ("slot", "the place of the slot in its block, counted from 0"),
    ("role", "base, head, or control: the base once more"),
    ("cpu_seconds", "processor time of the finished program, user and kernel mode, per run"),
    ("wall_seconds", "time on the wall clock, per run"),
    ("context_switches", "how often the program left its processor, in all runs of the slot"),
    ("runs", "how many runs the slot holds"),
    ("load", "the load average over one minute at the end of the block"),
    ("steal_seconds", "what the host of a virtual machine took away during the block"),
  ]

  /// The blocks as a table.
  public static func table(_ blocks: [ComparisonBlock]) -> [UInt8] {
    var writer = CSVWriter(columns: columns)
    for block in blocks {
      for (place, slot) in block.slots.enumerated() {
        writer.append([
          "\(block.index)", "\(place)", slot.role.rawValue, "\(slot.cpuSeconds)",
          "\(slot.wallSeconds)", "\(slot.contextSwitches)", "\(block.runsPerSlot)",
          "\(block.load)", "\(block.stealSeconds)",
        ])
      }
    }
    return writer.bytes
  }

  /// Reads a table of blocks.
  ///
  /// - Parameter path: The path that errors name.
  /// - Throws: ``RecordError`` with the line of the first row that is not what it must be: every
  ///   block whole, in order, with its roles as ``order(ofBlock:)`` says and times above 0.
  public static func read(table bytes: [UInt8], path: String) throws(RecordError)
    -> [ComparisonBlock]
  {
    var reader = try CSVReader(bytes, path: path, limits: CSVLimits(file: 64 << 20, field: 64))
    try reader.expect(columns)
    var blocks: [ComparisonBlock] = []
    while let row = try reader.next() {
      if blocks.last.map({ $0.slots.count == slotCount }) ?? true {
        blocks.append(ComparisonBlock(index: blocks.count, slots: []))
      }
      let last = blocks.count - 1
      try blocks[last].append(row, path: path)
    }
    guard blocks.last.map({ $0.slots.count == slotCount }) ?? true else {
      throw RecordError(path: path, .malformed(reason: "the last block is not whole"))
    }
    return blocks
  }

  private mutating func append(_ row: CSVRow, path: String) throws(RecordError) {
    func number(_ column: Int, above bound: Double) throws(RecordError) -> Double {
      guard let value = Double(row.fields[column]), value.isFinite, value > bound else {
        throw bad(column, expected: "a finite number above \(bound)")
      }
      return value
    }
    func bad(_ column: Int, expected: String) -> RecordError {
      RecordError(
        path: path, line: row.line,
        .badValue(column: Self.columns[column], text: row.fields[column], expected: expected))
    }
    let place = slots.count
    guard row.fields[0] == "\(index)" else { throw bad(0, expected: "block \(index)") }
    guard row.fields[1] == "\(place)" else { throw bad(1, expected: "slot \(place)") }
    let role = Self.order(ofBlock: index)[place]
    guard row.fields[2] == role.rawValue else { throw bad(2, expected: role.rawValue) }
    guard let switches = Int(row.fields[5]), switches >= 0 else {
      throw bad(5, expected: "a count from 0")
    }
    guard let runs = Int(row.fields[6]), runs > 0 else { throw bad(6, expected: "a count from 1") }
    slots.append(
      Slot(
        role: role, cpuSeconds: try number(3, above: 0), wallSeconds: try number(4, above: 0),
        contextSwitches: switches))
    runsPerSlot = runs
    load = try number(7, above: -1)
    stealSeconds = try number(8, above: -1)
  }
}
