// Certificates and keys as GnuTLS keeps them.
import CGnuTLS
import CTLS

/// A private key, Ed25519.
final class X509Key {
  let pointer: gnutls_x509_privkey_t

  /// Makes a new key.
  init() throws(TLSError) {
    var made: gnutls_x509_privkey_t?
    try TLSError.check(gnutls_x509_privkey_init(&made), "making a key")
    guard let made else { throw TLSError(action: "making a key", code: GNUTLS_E_MEMORY_ERROR) }
    pointer = made
    try TLSError.check(
      gnutls_x509_privkey_generate(
        pointer, GNUTLS_PK_EDDSA_ED25519, fleetlab_tls_ed25519_bits, 0), "making a key")
  }

  deinit { gnutls_x509_privkey_deinit(pointer) }

  /// The key in PEM, unencrypted.
  func pem() throws(TLSError) -> String {
    var data = gnutls_datum_t()
    try TLSError.check(
      gnutls_x509_privkey_export2_pkcs8(
        pointer, GNUTLS_X509_FMT_PEM, nil, UInt32(GNUTLS_PKCS_PLAIN.rawValue), &data),
      "writing a key")
    return text(taking: data)
  }
}

/// A certificate that is being made.
final class X509Certificate {
  let pointer: gnutls_x509_crt_t

  /// An empty certificate.
  init() throws(TLSError) {
    var made: gnutls_x509_crt_t?
    try TLSError.check(gnutls_x509_crt_init(&made), "making a certificate")
    guard let made else {
      throw TLSError(action: "making a certificate", code: GNUTLS_E_MEMORY_ERROR)
    }
    pointer = made
  }

  deinit { gnutls_x509_crt_deinit(pointer) }

  /// Names the owner, with a serial number of eight bytes and a time in seconds since 1970.
  func describe(
    _ name: String, serial: UInt64, from: Int, until: Int, key: X509Key
  ) throws(TLSError) {
    let action = "describing a certificate"
    // The first byte is neither 0, which would be left out, nor above 127, which would be negative.
    let number = withUnsafeBytes(of: (serial | 1 << 62).bigEndian) { Array($0) }
    try TLSError.check(gnutls_x509_crt_set_version(pointer, 3), action)
    try TLSError.check(gnutls_x509_crt_set_serial(pointer, number, number.count), action)
    try TLSError.check(gnutls_x509_crt_set_activation_time(pointer, from), action)
    try TLSError.check(gnutls_x509_crt_set_expiration_time(pointer, until), action)
    try TLSError.check(
      gnutls_x509_crt_set_dn_by_oid(
        pointer, GNUTLS_OID_X520_COMMON_NAME, 0, name, UInt32(name.utf8.count)), action)
    try TLSError.check(gnutls_x509_crt_set_key(pointer, key.pointer), action)
    try TLSError.check(
      gnutls_x509_crt_set_subject_alt_name(
        pointer, GNUTLS_SAN_DNSNAME, name, UInt32(name.utf8.count), UInt32(GNUTLS_FSAN_SET)),
      action)
  }

  /// Lets the key sign certificates.
  func allowSigning() throws(TLSError) {
    try TLSError.check(gnutls_x509_crt_set_basic_constraints(pointer, 1, 0), "making an authority")
    try allow(GNUTLS_KEY_KEY_CERT_SIGN)
  }

  /// Lets the key sign handshakes.
  func allowUse() throws(TLSError) {
    try TLSError.check(gnutls_x509_crt_set_basic_constraints(pointer, 0, -1), "limiting a key")
    try allow(GNUTLS_KEY_DIGITAL_SIGNATURE)
  }

  private func allow(_ usage: CInt) throws(TLSError) {
    try TLSError.check(gnutls_x509_crt_set_key_usage(pointer, UInt32(usage)), "allowing a use")
  }

  /// Signs with the key of an authority.
  func sign(by authority: X509Certificate, _ key: X509Key) throws(TLSError) {
    try TLSError.check(
      gnutls_x509_crt_sign2(pointer, authority.pointer, key.pointer, GNUTLS_DIG_SHA512, 0),
      "signing a certificate")
  }

  /// The common name of a certificate's owner; `nil` when there is none.
  static func commonName(inDER bytes: UnsafePointer<gnutls_datum_t>) -> String? {
    var certificate: gnutls_x509_crt_t?
    guard gnutls_x509_crt_init(&certificate) == 0 else { return nil }
    defer { gnutls_x509_crt_deinit(certificate) }
    guard gnutls_x509_crt_import(certificate, bytes, GNUTLS_X509_FMT_DER) == 0 else { return nil }
    var name = [UInt8](repeating: 0, count: 256)
    var length = name.count
    guard
      gnutls_x509_crt_get_dn_by_oid(
        certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, &name, &length) == 0
    else { return nil }
    return String(decoding: name.prefix(length), as: UTF8.self)
  }

  /// The certificate in PEM.
  func pem() throws(TLSError) -> String {
    var data = gnutls_datum_t()
    try TLSError.check(
      gnutls_x509_crt_export2(pointer, GNUTLS_X509_FMT_PEM, &data), "writing a certificate")
    return text(taking: data)
  }
}

/// The text of memory that GnuTLS gave away, which is freed.
private func text(taking data: gnutls_datum_t) -> String {
  defer { fleetlab_tls_free(data.data) }
  return String(
    decoding: UnsafeBufferPointer(start: data.data, count: Int(data.size)), as: UTF8.self)
}
