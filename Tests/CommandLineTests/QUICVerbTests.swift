// QUIC as people use it: a server and a client in processes.

import Glibc
import LabCore
import Testing

@testable import LabRunner

@Suite(.timeLimit(.minutes(1))) struct `QUIC verbs` {
  @Test func `a log that finds no room is told of and holds no descriptors`() throws {
    let desk = try Desk()
    let process = Int(getpid())
    let host = "127.\(1 + process >> 16 % 254).\(process >> 8 % 256).\(process % 256)"
    let certificates = "\(desk.path)/certs"
    let made = try Desk.call(["quic", "certificate", "localhost", "--out", certificates])
    #expect(made.code == 0, "\(made.errors)")
    let server = try Running([
      "quic", "serve", "--host", host, "--port", "21090", "--certificate",
      "\(certificates)/localhost.pem", "--key", "\(certificates)/localhost.key",
    ])
    defer { server.process.kill() }
    // The log of connection 0 has a name that tells the process; every write to it fails.
    mkdir("\(desk.path)/logs", 0o700)
    let errors = try Capture()
    let client = try ChildProcess(
      "sh",
      [
        "-c", #"ln -s /dev/full "$0/$$-0.sqlog"; ulimit -n 60; exec "$@""#, "\(desk.path)/logs",
        Desk.program, "quic", "request", "\(host):21090", "--server-name", "localhost", "--trust",
        "\(certificates)/authority.pem", "--streams", "100", "--qlog", "\(desk.path)/logs",
      ], output: nil, log: errors.descriptor)
    client.wait()
    #expect(client.ending == "exited with code 0", "\(errors.text)")
    let lines = errors.text.split(separator: "\n")
    #expect(lines.count > 50 && lines.allSatisfy { $0.contains("No space left") }, "\(errors.text)")
  }
}
