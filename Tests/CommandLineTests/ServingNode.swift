// A node of a fleet in a process of its own, with the lines that it prints.

import Glibc
import LabCore
import Testing

@testable import LabRunner

/// A call of `fleetlab bus serve` that goes on.
final class ServingNode {
  let process: ChildProcess
  private let output: CInt
  private var lines = LineBuffer()
  private let errors: Capture

  /// Starts a node; it may not serve yet.
  init(_ fleet: String, _ name: String) throws {
    let pipe = try LabRunner.Pipe()
    errors = try Capture()
    output = pipe.reading
    process = try ChildProcess(
      Desk.program, ["bus", "serve", fleet, "--node", name], output: pipe.writing,
      log: errors.descriptor)
    pipe.closeWriting()
  }

  deinit {
    process.kill()
    close(output)
  }

  /// Starts a node and waits until it serves.
  static func start(_ fleet: String, _ name: String) throws -> ServingNode {
    let node = try ServingNode(fleet, name)
    try node.wait(for: "serving")
    return node
  }

  /// Reads what the node prints up to a line that holds a text.
  @discardableResult
  func wait(for text: String) throws -> String {
    while true {
      while let line = lines.next() {
        let words = String(decoding: line, as: UTF8.self)
        if words.contains(text) { return words }
      }
      guard case .bytes(let bytes) = Descriptor.read(output) else {
        throw Ended(description: "the node ended before '\(text)': \(errors.text)")
      }
      lines.append(bytes)
    }
  }

  /// Asks the node to end, and says how it did.
  func end(_ signal: CInt) -> String {
    _ = Glibc.kill(process.id, signal)
    process.wait()
    return process.ending
  }

  struct Ended: Error, CustomStringConvertible {
    let description: String
  }
}

extension Desk {
  /// Makes a fleet on addresses of this machine that no other test uses.
  func fleet(_ name: String = "fleet", port: Int, nodes: Int = 3) throws -> String {
    let process = Int(getpid())
    let host = "127.\(1 + process >> 16 % 254).\(process >> 8 % 256).\(process % 256)"
    let folder = "\(path)/\(name)"
    let made = try Desk.call([
      "bus", "create", folder, "--nodes", "\(nodes)", "--host", host, "--port", "\(port)",
    ])
    #expect((made.code, made.output, made.errors) == (0, "", ""))
    return folder
  }
}
