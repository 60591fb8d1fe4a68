// Lets two programs take turns, block by block, until a judge has seen enough.

public import LabCore
public import LabRecord

/// Measures two programs in blocks.
///
/// A run shorter than ``shortestSlot`` is repeated, equally often by both programs, until a slot
/// lasts that long, so that the clock's grain and the start of a process drown. The first block
/// warms caches and is dropped; every other block counts, whatever its values are.
public struct PairedComparison {
  /// What is compared, and how much time there is.
  public struct Request: Hashable, Sendable {
    /// The program that is compared with.
    public var base: TimedProgram
    /// The program that is judged.
    public var head: TimedProgram
    /// The time on the wall clock that the comparison may take; a block that is begun is finished.
    public var budget: LabCore.Duration
    /// The most blocks.
    public var blocks: Int

    /// Describes a comparison.
    public init(
      base: TimedProgram, head: TimedProgram, budget: LabCore.Duration = .seconds(60),
      blocks: Int = 60
    ) {
      self.base = base
      self.head = head
      self.budget = budget
      self.blocks = blocks
    }
  }

  /// The least processor time of a slot, in seconds.
  public static let shortestSlot = 0.05
  /// The most runs of a slot.
  static let mostRuns = 1_000

  private let request: Request
  private let control: RunControl
  private let observe: (ComparisonBlock) -> Void
  private let now: () -> Instant
  private let measure: (TimedProgram) throws(ComparisonError) -> RunCost

  /// Prepares a comparison.
  ///
  /// - Parameters:
  ///   - control: The switch by which it is stopped from outside.
  ///   - observe: Called for each block, the warm-up apart.
  public init(
    _ request: Request, control: RunControl = RunControl(),
    observe: @escaping (ComparisonBlock) -> Void = { _ in }
  ) {
    let timer = ProgramTimer(limit: request.budget)
    self.init(
      request, control: control, observe: observe, now: Stopwatch.monotonic,
      measure: { program throws(ComparisonError) in try timer.cost(of: program) })
  }

  /// Prepares a comparison with other clocks than the machine's.
  init(
    _ request: Request, control: RunControl = RunControl(),
    observe: @escaping (ComparisonBlock) -> Void = { _ in }, now: @escaping () -> Instant,
    measure: @escaping (TimedProgram) throws(ComparisonError) -> RunCost
  ) {
    self.request = request
    self.control = control
    self.observe = observe
    self.now = now
    self.measure = measure
  }

  /// Measures until the judge has seen enough, the budget ends, or there are all blocks.
  ///
  /// - Parameter isDecided: Asked after each block; the blocks so far.
  /// - Returns: The blocks in the order of time; none when the budget does not even hold one.
  /// - Throws: ``ComparisonError``, or what the judge throws.
  public func run(
    until isDecided: ([ComparisonBlock]) throws -> Bool
  ) throws -> [ComparisonBlock] {
    let start = now()
    let runs = try runsPerSlot()
    var longest = try block(-1, runs: runs).wall
    var blocks: [ComparisonBlock] = []
    while blocks.count < request.blocks, now() - start + longest <= request.budget {
      let measured = try block(blocks.count, runs: runs)
      longest = max(longest, measured.wall)
      blocks.append(measured.block)
      observe(measured.block)
      if try isDecided(blocks) { break }
    }
    return blocks
  }

  /// How many runs fill a slot, from a run of each program; a run before them fills the caches.
  private func runsPerSlot() throws(ComparisonError) -> Int {
    _ = try measure(request.base)
    let cost = min(
      try measure(request.base).cpuSeconds, try measure(request.head).cpuSeconds)
    guard cost > 0 else { throw .noTime(program: request.base.text) }
    return Int(min(Double(Self.mostRuns), (Self.shortestSlot / cost).rounded(.up)))
  }

  /// Measures one block; the warm-up has index −1 and the order of block 0.
  private func block(
    _ index: Int, runs: Int
  ) throws(ComparisonError) -> (block: ComparisonBlock, wall: LabCore.Duration) {
    let start = now()
    let steal = HostProbe.stealSeconds
    var slots: [ComparisonBlock.Slot] = []
    for role in ComparisonBlock.order(ofBlock: max(index, 0)) {
      slots.append(try slot(role, runs: runs))
    }
    let block = ComparisonBlock(
      index: index, slots: slots, runsPerSlot: runs, load: HostProbe.load,
      stealSeconds: max(0, HostProbe.stealSeconds - steal))
    return (block, now() - start)
  }

  private func slot(
    _ role: ComparisonBlock.Role, runs: Int
  ) throws(ComparisonError) -> ComparisonBlock.Slot {
    let program = role == .head ? request.head : request.base
    var total = RunCost(cpuSeconds: 0, wallSeconds: 0, contextSwitches: 0)
    for _ in 0..<runs {
      guard control.current == .run else { throw .interrupted }
      let cost = try measure(program)
      total.cpuSeconds += cost.cpuSeconds
      total.wallSeconds += cost.wallSeconds
      total.contextSwitches += cost.contextSwitches
    }
    guard total.cpuSeconds > 0 else { throw .noTime(program: program.text) }
    return ComparisonBlock.Slot(
      role: role, cpuSeconds: total.cpuSeconds / Double(runs),
      wallSeconds: total.wallSeconds / Double(runs), contextSwitches: total.contextSwitches)
  }
}
