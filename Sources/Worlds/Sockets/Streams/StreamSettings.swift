// How the connections of a node travel: congestion control, TLS, HTTP.
import NIOSSL

/// What a node's TCP connections are like.
public struct StreamSettings: Sendable {
  /// What protects a connection.
  public enum Security: String, Hashable, Sendable, CaseIterable {
    /// Nothing.
    case none
    /// TLS 1.2.
    case tls12
    /// TLS 1.3.
    case tls13
  }

  /// A certificate with its key and the authority that peers must show, each in PEM.
  public struct Identity: Hashable, Sendable {
    /// What peers are shown; the name in it is that of the service.
    public var certificate: String
    /// Its private key, Ed25519, without a password.
    public var key: String
    /// The certificate of the authority.
    public var trust: String

    /// Describes an identity.
    public init(certificate: String, key: String, trust: String) {
      self.certificate = certificate
      self.key = key
      self.trust = trust
    }
  }

  /// The name of the kernel's congestion control, which is set and read back: its own default may
  /// be another one.
  public var congestionControl: String
  /// What protects connections; both sides show certificates.
  public var security: Security
  /// Who the node is; needed for TLS.
  public var identity: Identity?
  /// The name in the server's certificate.
  public var serverName: String
  /// Whether each message is a request or a response of HTTP/1.1.
  public var usesHTTP: Bool

  /// Describes connections.
  public init(
    congestionControl: String = "cubic", security: Security = .none, identity: Identity? = nil,
    serverName: String = "localhost", usesHTTP: Bool = false
  ) {
    self.congestionControl = congestionControl
    self.security = security
    self.identity = identity
    self.serverName = serverName
    self.usesHTTP = usesHTTP
  }

  /// What TLS is made from; `nil` without it.
  ///
  /// NIOSSL's clients cannot resume a session, so each handshake is a full one.
  func tls(isServer: Bool) throws(SocketWorldError) -> NIOSSLContext? {
    guard security != .none else { return nil }
    guard let identity else {
      throw .system(operation: "use TLS", reason: "there is no certificate")
    }
    do {
      let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
      let key = try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem)
      let roots = try NIOSSLCertificate.fromPEMBytes(Array(identity.trust.utf8))
      var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key),
        trustRoots: .certificates(roots))
      if !isServer { configuration.certificateVerification = .fullVerification }
      let version: TLSVersion = security == .tls12 ? .tlsv12 : .tlsv13
      configuration.minimumTLSVersion = version
      configuration.maximumTLSVersion = version
      configuration.verifySignatureAlgorithms = [.ed25519]
      configuration.signingSignatureAlgorithms = [.ed25519]
      return try NIOSSLContext(configuration: configuration)
    } catch { throw .system(operation: "use TLS", reason: "\(error)") }
  }
}
