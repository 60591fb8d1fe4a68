// One running program from outside.

import Glibc
import LabCore
import LabManifest
import LabRecord

/// A program from outside that was started, with the lines between it and the runner.
final class OutsideProgram {
  /// What a program may use.
  struct Limits {
    /// For each answer, on the wall clock.
    var wall: LabCore.Duration
    /// At any time.
    var memory: ByteCount
  }

  /// The longest time between two looks at the limits, in milliseconds.
  private static let pollMilliseconds: CInt = 20
  /// How long a program may take to end when it is asked to.
  private static let farewellLimit: LabCore.Duration = .seconds(1)

  /// The process, which leads a group of its own.
  var id: pid_t { process.id }
  private let process: ChildProcess
  private let log: ProgramLog
  private let limits: Limits
  private let input: CInt
  private let output: CInt
  private var isInputOpen = true
  private var lines = LineBuffer(limit: OutsideProtocol.lineLimit)
  private var logStart = 0

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - executable: The path of the program.
  ///   - folder: Where it runs.
  ///   - log: The path of the file that takes what it prints to standard error.
  init(
    _ executable: String, _ arguments: [String], folder: String, log: String, limits: Limits
  ) throws(RunError) {
    self.limits = limits
    let log = try ProgramLog(log)
    let down = try Pipe()
    let up: Pipe
    do throws(RunError) { up = try Pipe() } catch {
      down.closeReading()
      down.closeWriting()
      throw error
    }
    defer {
      down.closeReading()
      up.closeWriting()
    }
    // A program that is gone shows at its other end; the signal would end this process.
    signal(SIGPIPE, SIG_IGN)
    do throws(RunError) {
      process = try AddressSpace.withoutLimit { () throws(RunError) in
        try ChildProcess(
          executable, arguments, folder: folder, input: down.reading, output: up.writing,
          log: log.descriptor)
      }
    } catch {
      down.closeWriting()
      up.closeReading()
      throw error
    }
    (input, output, self.log) = (down.writing, up.reading, log)
    logStart = log.bytes
    Descriptor.doNotBlock(input)
    Descriptor.doNotBlock(output)
    ProgramGroups.insert(process.id)
  }

  deinit {
    kill()
    closeInput()
    close(output)
  }

  /// Sends a line and waits for the one that answers it.
  ///
  /// - Throws: ``OutsideFailure``, after which the program is of no more use.
  func ask(_ line: [UInt8]) throws(OutsideFailure) -> [UInt8] {
    logStart = log.bytes
    let beginning = Stopwatch.monotonic()
    var unsent = line[...]
    while true {
      if let answer = lines.next() {
        guard answer.count <= OutsideProtocol.lineLimit else { throw overlong }
        return answer
      }
      guard !lines.isOverlong else { throw overlong }
      try wait(sending: !unsent.isEmpty)
      send(&unsent)
      try hear()
      try holdToLimits(since: beginning)
    }
  }

  /// Asks the program to end, and stops it if it does not do so soon.
  func end() {
    var farewell = OutsideProtocol.farewell[...]
    send(&farewell)
    closeInput()
    if !process.ends(within: Self.farewellLimit) { process.kill() }
  }

  /// Stops the program with everything in its group.
  func kill() {
    process.kill()
    ProgramGroups.remove(process.id)
  }

  /// The end of what the program printed since it was last asked, or `nil` when it printed nothing.
  var logTail: String? { log.tail(from: logStart) }

  /// Processor time so far, with that of the children that the program waited for; `nil` when it
  /// has ended.
  var processorTime: LabCore.Duration? {
    guard let own = Stopwatch.processor(of: id),
      let children = Stopwatch.processorOfChildren(of: id)
    else { return nil }
    return own - .zero + children
  }

  private func closeInput() {
    if isInputOpen { close(input) }
    isInputOpen = false
  }

  /// Waits until the program says or takes something, or a short time.
  private func wait(sending: Bool) throws(OutsideFailure) {
    var ends = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
    if sending { ends.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
    _ = poll(&ends, nfds_t(ends.count), Self.pollMilliseconds)
  }

  /// Sends what the program takes now; one that takes nothing any more shows at its output.
  private func send(_ unsent: inout ArraySlice<UInt8>) {
    while !unsent.isEmpty {
      let count = unsent.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EPIPE { unsent = [] }
      guard count > 0 else { return }
      unsent = unsent.dropFirst(count)
    }
  }

  private func hear() throws(OutsideFailure) {
    switch Descriptor.read(output) {
    case .bytes(let bytes): lines.append(bytes)
    case .nothing: return
    case .end:
      if !process.ends(within: .milliseconds(200)) { process.kill() }
      let how = lines.isEmpty ? "" : " in the middle of a line"
      throw .broken(
        "the program closed its output\(how) and \(process.ending); an answer was expected; "
          + "run it by hand with the request on its input")
    }
  }

  private var overlong: OutsideFailure {
    .broken(
      "the program wrote more than \(OutsideProtocol.lineLimit) bytes without a line end; an "
        + "answer of one line was expected; leave bulk data in a .npy file")
  }

  private func holdToLimits(since beginning: Instant) throws(OutsideFailure) {
    guard Stopwatch.monotonic() - beginning <= limits.wall else {
      throw OutsideFailure(
        status: .timeout,
        text: "the program did not answer within the limit of \(limits.wall); an answer was "
          + "expected; raise limits.wall or look for what it waits for")
    }
    if let held = ProcessMemory.resident(of: id), held > limits.memory.bytes {
      throw OutsideFailure(
        status: .memory,
        text: "the program held more memory than its limit of \(limits.memory); less was "
          + "expected; raise limits.memory")
    }
    if log.isFull {
      throw .broken(
        "the program printed more than \(ByteCount(ProgramLog.limit)) to standard error; less was "
          + "expected; let it say less")
    }
  }
}
