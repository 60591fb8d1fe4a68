// The way of a world's observations to a thread that waits for sockets as well.
import Foundation
import Glibc
import LabCore
import LabRunner
import Sockets
import Synchronization

/// Keeps what a world tells until one thread takes it, and lets that thread wait by a descriptor.
final class ReportRelay<Report: Sendable>: Sendable {
  private struct State: Sendable {
    var waiting: [Observation<Report>] = []
    var isInterrupted = false
    var isSignalled = false
  }

  private let state = Mutex(State())
  private let pipe: LabRunner.Pipe

  /// - Throws: `RunError` when there is no descriptor left.
  init() throws(RunError) {
    pipe = try LabRunner.Pipe()
    Descriptor.doNotBlock(pipe.reading)
  }

  deinit {
    pipe.closeReading()
    pipe.closeWriting()
  }

  /// What can be read when there is something to take.
  var descriptor: CInt { pipe.reading }

  /// Whether the thread that takes is to end.
  var isInterrupted: Bool { state.withLock { $0.isInterrupted } }

  /// Asks the thread that takes to end.
  func interrupt() { change { $0.isInterrupted = true } }

  /// Removes and returns what was told.
  func takeAll() -> [Observation<Report>] {
    _ = Descriptor.read(pipe.reading)
    return state.withLock { state in
      state.isSignalled = false
      var taken: [Observation<Report>] = []
      swap(&taken, &state.waiting)
      return taken
    }
  }

  /// Takes what a world tells, on a thread of its own, until the world has ended.
  func follow<Node: Instance & ~Copyable>(_ world: SocketWorld<Node>) where Node.Report == Report {
    Thread.detachNewThread { [self] in
      do {
        while true {
          try world.run(until: try world.now() + .milliseconds(250)) { observation in
            change { $0.waiting.append(observation) }
            return false
          }
        }
      } catch { interrupt() }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let mustSignal = state.withLock { state in
      body(&state)
      defer { state.isSignalled = true }
      return !state.isSignalled
    }
    if mustSignal { _ = Descriptor.write([0], to: pipe.writing) }
  }
}
