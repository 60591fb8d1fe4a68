// A fleet of real processes on this machine, which may be killed.
import Foundation
import Glibc
import LabCore
import LabRunner
import Sockets
import Synchronization

/// Nodes of `fleetlab bus serve`, each a process of its own, in a folder that is gone afterwards.
final class ProcessFleet {
  /// Why a fleet does not run.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let fleet: FleetFile
  private let folder: String
  private let tracesSyncs: Bool
  /// What the nodes end with, even where this process is killed.
  private let leash: LabRunner.Pipe
  private var processes: [ChildProcess?]
  private var lives = 0

  /// How many fleets this process has made.
  private static let made = Atomic<Int>(0)

  /// Makes a fleet of which no node runs yet.
  ///
  /// - Parameters:
  ///   - more: Further lines of the fleet's file.
  ///   - tracesSyncs: Whether `strace` writes down every sync of a file.
  init(nodes: Int, more: String = "", tracesSyncs: Bool = false) throws {
    let place = FileManager.default.temporaryDirectory.path
    var template = Array("\(place)/fleetlab-fleet-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(description: "no folder can be made in \(place): \(systemReason())")
    }
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    try FleetFolder.create(folder, addresses: try Self.addresses(nodes), more: more)
    fleet = try FleetFile(folder)
    self.tracesSyncs = tracesSyncs
    leash = try LabRunner.Pipe()
    processes = Array(repeating: nil, count: nodes)
  }

  deinit {
    for process in processes { process?.kill() }
    leash.closeReading()
    leash.closeWriting()
    FolderTree.remove(folder)
  }

  /// Addresses of this machine that no other fleet has: the process and a count are in them.
  private static func addresses(_ count: Int) throws -> [NodeAddress] {
    let process = Int(getpid())
    let host = "127.\(1 + process >> 16 % 254).\(process >> 8 % 256).\(process % 256)"
    let fleet = made.wrappingAdd(1, ordering: .relaxed).oldValue
    return try (0..<count).map { node in
      try NodeAddress(host: host, port: UInt16(4_701 + (fleet * count + node) % 20_000))
    }
  }

  /// The program, which lies beside that of this process; `nil` when it is not there.
  static var program: String? {
    guard let real = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(real) }
    let path = String(cString: real)
    let beside = "\(path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex))fleetlab"
    return access(beside, X_OK) == 0 ? beside : nil
  }

  /// Starts a node.
  func start(_ node: Int) throws {
    guard let program = Self.program else {
      throw Failure(
        description: "'fleetlab' is not beside this program; it was expected; build it there")
    }
    lives += 1
    let serving = ["bus", "serve", folder, "--node", fleet.nodes[node].name, "--until-input-ends"]
    let log = open("\(folder)/\(node).log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    defer { close(log) }
    let tracing = [
      "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o",
      "\(folder)/syncs-\(lives)", program,
    ]
    processes[node] =
      tracesSyncs
      ? try ChildProcess("strace", tracing + serving, input: leash.reading, output: log, log: log)
      : try ChildProcess(program, serving, input: leash.reading, output: log, log: log)
  }

  /// Kills a node; what it had not made durable is lost.
  ///
  /// - Parameter losingFolder: Whether its folder goes too, as no disk ever should.
  func kill(_ node: Int, losingFolder: Bool = false) {
    processes[node]?.kill()
    processes[node] = nil
    if losingFolder { FolderTree.remove(fleet.nodes[node].folder) }
  }

  /// Whether a node was started and not killed.
  func isUp(_ node: Int) -> Bool { processes[node] != nil }

  /// Throws when a node has ended by itself, with the end of what it said.
  func checkLives() throws {
    for (node, process) in processes.enumerated() {
      guard let process, process.ends(within: .zero) else { continue }
      let said = (try? BoundedText.tail(of: "\(folder)/\(node).log")) ?? ""
      throw Failure(
        description: "node '\(fleet.nodes[node].name)' \(process.ending) by itself: \(said)")
    }
  }

  /// How many syncs of files `strace` has seen.
  func countSyncs() throws -> Int {
    try (1...max(1, lives)).reduce(0) { sum, life in
      sum + (try BoundedText.lines(of: "\(folder)/syncs-\(life)", where: { $0.contains("sync(") }))
    }
  }
}
