// Who an endpoint is, and whom it believes.
import CGnuTLS
import CTLS
public import LabCore

/// A certificate with its private key, and the authorities that its owner trusts.
///
/// Certificates are made at run time by a ``TLSAuthority`` or read from files. Keys made here are
/// Ed25519, whose signatures have one length, so that a handshake takes the same bytes each time.
public final class TLSIdentity: @unchecked Sendable {
  // Unchecked: GnuTLS lets any number of sessions read credentials that nobody changes any more,
  // and nothing changes them after init.

  let credentials: gnutls_certificate_credentials_t

  /// Takes a certificate, its key and those that are trusted.
  init(
    certificate: X509Certificate, key: X509Key, trusted: [X509Certificate]
  ) throws(TLSError) {
    credentials = try Self.allocate()
    var chain: [gnutls_x509_crt_t?] = [certificate.pointer]
    try TLSError.check(
      gnutls_certificate_set_x509_key(credentials, &chain, 1, key.pointer), "using a certificate")
    try trust(trusted)
  }

  /// Reads a certificate with its chain and its key from PEM files.
  ///
  /// - Parameters:
  ///   - certificateFile: The certificate, followed by those that lead to an authority.
  ///   - keyFile: Its private key, without a password.
  ///   - trustFile: The certificates of the authorities that peers must show; `nil` for none.
  /// - Throws: ``TLSError`` when a file is not there or not what it should be.
  public init(certificateFile: String, keyFile: String, trustFile: String?) throws(TLSError) {
    credentials = try Self.allocate()
    try TLSError.check(
      gnutls_certificate_set_x509_key_file(
        credentials, certificateFile, keyFile, GNUTLS_X509_FMT_PEM),
      "reading '\(certificateFile)' and '\(keyFile)'")
    try trust(trustFile)
  }

  /// An endpoint without a certificate, which only a client can be.
  ///
  /// - Parameter trustFile: The certificates of the authorities that servers must show.
  public init(trustFile: String) throws(TLSError) {
    credentials = try Self.allocate()
    try trust(trustFile)
  }

  /// An endpoint without a certificate that trusts an authority made here.
  public init(trusting authority: TLSAuthority) throws(TLSError) {
    credentials = try Self.allocate()
    try trust([authority.certificate])
  }

  deinit { gnutls_certificate_free_credentials(credentials) }

  /// The common name in the own certificate; `nil` when there is none.
  public var commonName: String? {
    var certificate = gnutls_datum_t()
    guard gnutls_certificate_get_crt_raw(credentials, 0, 0, &certificate) == 0 else { return nil }
    return X509Certificate.commonName(inDER: &certificate)
  }

  private func trust(_ file: String?) throws(TLSError) {
    guard let file else { return }
    let count = try TLSError.check(
      gnutls_certificate_set_x509_trust_file(credentials, file, GNUTLS_X509_FMT_PEM),
      "reading '\(file)'")
    guard count > 0 else {
      throw TLSError(action: "reading '\(file)'", code: GNUTLS_E_NO_CERTIFICATE_FOUND)
    }
  }

  private func trust(_ authorities: [X509Certificate]) throws(TLSError) {
    var pointers = authorities.map { Optional($0.pointer) }
    try TLSError.check(
      gnutls_certificate_set_x509_trust(credentials, &pointers, CInt(pointers.count)),
      "trusting an authority")
  }

  private static func allocate() throws(TLSError) -> gnutls_certificate_credentials_t {
    var pointer: gnutls_certificate_credentials_t?
    try TLSError.check(
      gnutls_certificate_allocate_credentials(&pointer), "allocating credentials")
    guard let pointer else {
      throw TLSError(action: "allocating credentials", code: GNUTLS_E_MEMORY_ERROR)
    }
    return pointer
  }
}

/// An authority that signs certificates, made at run time.
public final class TLSAuthority {
  let certificate: X509Certificate
  private let key: X509Key
  private let validFrom: Int
  private let validUntil: Int
  private var issued: UInt64 = 1

  /// The authority's own certificate in PEM, which those who trust it read.
  public let certificatePEM: String

  /// Makes an authority with a new key.
  ///
  /// - Parameters:
  ///   - name: Its common name.
  ///   - validFrom: Seconds since 1970, for it and for all that it signs.
  ///   - lifetime: How long these are valid.
  public init(
    name: String, validFrom: Int, lifetime: Duration = .seconds(365 * 86_400)
  ) throws(TLSError) {
    self.validFrom = validFrom
    validUntil = validFrom + Int(lifetime.seconds)
    key = try X509Key()
    certificate = try X509Certificate()
    try certificate.describe(name, serial: 1, from: validFrom, until: validUntil, key: key)
    try certificate.allowSigning()
    try certificate.sign(by: certificate, key)
    certificatePEM = try certificate.pem()
  }

  /// Signs a certificate for a new key.
  ///
  /// - Parameters:
  ///   - name: The common name and the only name of the service, as in `node-3.fleet`.
  ///   - validFrom: Another first second than the authority's.
  ///   - validUntil: Another last second.
  ///   - other: Whom the identity trusts in place of this authority.
  /// - Returns: An identity that trusts this authority.
  public func issue(
    _ name: String, validFrom: Int? = nil, validUntil: Int? = nil,
    trusting other: TLSAuthority? = nil
  ) throws(TLSError) -> TLSIdentity {
    let (leaf, leafKey) = try signed(name, validFrom, validUntil)
    return try TLSIdentity(
      certificate: leaf, key: leafKey, trusted: [other?.certificate ?? certificate])
  }

  /// Signs a certificate for a new key and returns both in PEM.
  public func issuePEM(_ name: String) throws(TLSError) -> (certificate: String, key: String) {
    let (leaf, leafKey) = try signed(name, nil, nil)
    return (try leaf.pem(), try leafKey.pem())
  }

  private func signed(
    _ name: String, _ from: Int?, _ until: Int?
  ) throws(TLSError) -> (X509Certificate, X509Key) {
    let leafKey = try X509Key()
    let leaf = try X509Certificate()
    issued += 1
    try leaf.describe(
      name, serial: issued, from: from ?? validFrom, until: until ?? validUntil, key: leafKey)
    try leaf.allowUse()
    try leaf.sign(by: certificate, key)
    return (leaf, leafKey)
  }
}
