// What the tests of this room share: the suite that runs them one by one, and plain sockets.
import Foundation
import Glibc
import LabCore
import Network
import Sockets
import Testing

/// Far more time than any test needs; a test that waits so long has failed.
let patience = Duration.seconds(20)

extension SocketWorld where Node: ~Copyable {
  /// Takes observations until a number of reports has come.
  func reports(
    _ count: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [Observation<Node.Report>] {
    try observations(count, sourceLocation: sourceLocation) { observation in
      if case .report = observation.event { true } else { false }
    }
  }

  /// Takes observations until a number of those that are wanted has come, and returns these.
  func observations(
    _ count: Int, sourceLocation: SourceLocation = #_sourceLocation,
    where isWanted: (Observation<Node.Report>) -> Bool = { _ in true }
  ) throws -> [Observation<Node.Report>] {
    var taken: [Observation<Node.Report>] = []
    let settled = try run(until: try now() + patience) { observation in
      if isWanted(observation) { taken.append(observation) }
      return taken.count >= count
    }
    #expect(settled, "\(taken.count) of \(count) observations came", sourceLocation: sourceLocation)
    return taken
  }
}

extension SocketWorld where Node: ~Copyable {
  /// Asks for the counters of a node until they are as they should be.
  func counters(
    of node: NodeID, until isReached: (NodeCounters) -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let deadline = try now() + patience
    while try !isReached(counters(of: node)) {
      try #require(try now() < deadline, sourceLocation: sourceLocation)
    }
  }
}

extension NodeID {
  static let first = NodeID(0)
  static let second = NodeID(1)
}

/// Whether this machine can talk to itself over IPv6.
var hasIPv6: Bool {
  let descriptor = socket(AF_INET6, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  guard descriptor >= 0 else { return false }
  defer { close(descriptor) }
  var name = sockaddr_in6()
  name.sin6_family = sa_family_t(AF_INET6)
  name.sin6_addr = in6addr_loopback
  return withUnsafePointer(to: &name) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
      bind(descriptor, general, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
    }
  }
}

/// A socket that is no node: it sends what it likes from an address of its own.
final class PlainSocket {
  let descriptor: CInt
  let address: NodeAddress

  init(port: UInt16 = 0) throws {
    let opened = socket(AF_INET, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    descriptor = opened
    var name = Self.loopback(port)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = Self.withGeneral(&name) { general in
      bind(opened, general, length) == 0 && getsockname(opened, general, &length) == 0
    }
    try #require(descriptor >= 0 && isBound)
    address = .loopback(port: UInt16(bigEndian: name.sin_port))
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8], to receiver: NodeAddress) {
    var name = Self.loopback(receiver.port)
    let sent = Self.withGeneral(&name) { general in
      sendto(
        descriptor, bytes, bytes.count, 0, general, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
    #expect(sent == bytes.count)
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return name
  }

  private static func withGeneral<Result>(
    _ name: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
  ) -> Result {
    withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
  }
}

/// What the process holds of the operating system, as far as event loops use it.
///
/// Tests of other rooms may run meanwhile; they use no internet sockets and no such threads.
struct ProcessState {
  /// Open internet sockets.
  var sockets = 0
  /// Threads of event loops and of their storage.
  var threads = 0
  /// Event polls, events and timers, of which others may hold some too.
  var loopDescriptors = 0

  static func now() throws -> ProcessState {
    var state = ProcessState()
    for entry in try names(in: "/proc/self/fd") {
      guard let descriptor = CInt(entry) else { continue }
      var name = sockaddr()
      var length = socklen_t(MemoryLayout<sockaddr>.size)
      if getsockname(descriptor, &name, &length) == 0 {
        let family = CInt(name.sa_family)
        if family == AF_INET || family == AF_INET6 { state.sockets += 1 }
        continue
      }
      var target = [UInt8](repeating: 0, count: 256)
      let count = readlink("/proc/self/fd/\(entry)", &target, target.count)
      let kinds = ["eventpoll", "eventfd", "timerfd"].map { "anon_inode:[\($0)]" }
      if kinds.contains(String(decoding: target[..<max(0, count)], as: UTF8.self)) {
        state.loopDescriptors += 1
      }
    }
    for entry in try names(in: "/proc/self/task") {
      guard let file = fopen("/proc/self/task/\(entry)/comm", "r") else { continue }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 64)
      guard fgets(&line, CInt(line.count), file) != nil else { continue }
      let name = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if name.hasPrefix("NIO-ELT") || name.hasPrefix("NIO-SGLTN") || name.hasPrefix("TP-#") {
        state.threads += 1
      }
    }
    return state
  }

  /// The memory that the process has in use.
  static func residentBytes() throws -> Int {
    let file = try #require(fopen("/proc/self/statm", "r"))
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    try #require(fgets(&line, CInt(line.count), file) != nil)
    let text = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    return pages * Int(getpagesize())
  }

  private static func names(in folder: String) throws -> [String] {
    let stream = try #require(opendir(folder))
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }
}

/// A folder for one test, removed with what is in it when the test ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "fleetlab-sockets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch {
      Issue.record("the folder of a test stays: \(error)")
    }
  }
}
