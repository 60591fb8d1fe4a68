// What a program that ends by itself prints.

import LabCore

/// Runs programs without a shell and takes what they print.
enum ProgramOutput {
  /// How long a program may take.
  private static let patience: LabCore.Duration = .seconds(60)
  /// The longest output that is taken, in bytes.
  private static let limit = 1 << 30

  /// What a program prints; `nil` when it is not there, fails, prints too much or takes too long.
  static func of(_ program: String, _ arguments: [String]) -> [UInt8]? {
    guard let pipe = try? Pipe() else { return nil }
    defer { pipe.closeReading() }
    guard let process = try? ChildProcess(program, arguments, output: pipe.writing) else {
      pipe.closeWriting()
      return nil
    }
    pipe.closeWriting()
    let deadline = Stopwatch.monotonic() + patience
    var output: [UInt8] = []
    while Stopwatch.monotonic() < deadline, output.count < limit {
      guard pipe.waitForBytes() else { continue }
      guard case .bytes(let bytes) = Descriptor.read(pipe.reading) else {
        return process.ends(within: .seconds(1)) && process.succeeded ? output : nil
      }
      output += bytes
    }
    process.kill()
    return nil
  }
}
