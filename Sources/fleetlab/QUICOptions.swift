// What both sides of fleetlab quic take.
public import ArgumentParser
import Glibc
public import Transport

/// What both sides of `fleetlab quic` need.
struct QUICOptions: ParsableArguments {
  @Option(name: .customLong("protocol"), help: "The protocol on top, as ALPN names it.")
  var applicationProtocol = "echo"

  @Option(help: "The own certificate in PEM, followed by those that lead to an authority.")
  var certificate: String?

  @Option(help: "Its private key in PEM.")
  var key: String?

  @Option(help: "The certificates in PEM of the authorities that the peer must show.")
  var trust: String?

  @Option(name: .customLong("congestion-control"), help: "reno, cubic or bbr.")
  var congestionControl = QUICCongestionControl.cubic

  @Option(help: "A folder for a log of each connection in qlog's format, which must be there.")
  var qlog: String?

  @Option(
    name: .customLong("key-log"),
    help: "A file that gets the secrets of each connection, for Wireshark; never needed otherwise.")
  var keyLog: String?

  func validate() throws {
    guard (certificate == nil) == (key == nil) else {
      throw ValidationError("a certificate needs its key; --certificate and --key were expected")
    }
  }

  /// The own identity.
  func identity() throws -> TLSIdentity {
    if let certificate, let key {
      return try TLSIdentity(certificateFile: certificate, keyFile: key, trustFile: trust)
    }
    guard let trust else {
      throw ValidationError("there is nobody to trust; --trust with a file was expected")
    }
    return try TLSIdentity(trustFile: trust)
  }

  /// The settings that both sides share.
  func settings() throws -> QUICConfiguration {
    var configuration = QUICConfiguration(applicationProtocol: applicationProtocol)
    configuration.congestionControl = congestionControl
    configuration.requiresClientCertificate = trust != nil
    if let qlog {
      guard FolderProbe.exists(qlog) else {
        throw Failure(.failed, "'\(qlog)' is not there; a folder was expected; make it")
      }
      let process = getpid()
      configuration.qlog = { number, bytes in
        GrowingFile.append(bytes, to: "\(qlog)/\(process)-\(number).sqlog")
      }
    }
    if let keyLog {
      configuration.keyLog = { GrowingFile.append(Array("\($0)\n".utf8), to: keyLog) }
    }
    return configuration
  }
}

extension QUICCongestionControl: ExpressibleByArgument {}
