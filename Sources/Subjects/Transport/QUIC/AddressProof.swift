// Whether a client's first packet proves that it can be reached where it says.
import CNgtcp2
import CNgtcp2Crypto
import LabCore

/// What the token of a first packet proves (RFC 9000, section 8.1).
enum AddressProof {
  /// Nothing: there is no token, or a token of an earlier connection that is not right.
  case none
  /// A token of an earlier connection proves the address.
  case earlier
  /// The answer to a Retry proves it; the client had chosen this destination before.
  case retry(from: ngtcp2_cid)
  /// It answers a Retry that was never asked of this address.
  case `false`

  /// How long the answer to a Retry, and how long a token of an earlier connection counts.
  private static let retryLifetime: UInt64 = 10_000_000_000
  private static let tokenLifetime: UInt64 = 86_400_000_000_000

  init(
    _ token: [UInt8], _ first: ngtcp2_pkt_hd, _ sender: QUICAddress, secret: [UInt8], now: UInt64
  ) {
    guard let kind = token.first else {
      self = .none
      return
    }
    var (original, destination) = (ngtcp2_cid(), first.dcid)
    self = sender.withSocketAddress { address in
      if kind == UInt8(NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY) {
        let code = ngtcp2_crypto_verify_retry_token(
          &original, token, token.count, secret, secret.count, first.version, address.addr,
          address.addrlen, &destination, Self.retryLifetime, now)
        return code == 0 ? .retry(from: original) : .false
      }
      let code = ngtcp2_crypto_verify_regular_token(
        token, token.count, secret, secret.count, address.addr, address.addrlen,
        Self.tokenLifetime, now)
      return code == 0 ? .earlier : .none
    }
  }

  /// The destination before the Retry.
  var original: ngtcp2_cid? {
    if case .retry(let id) = self { return id }
    return nil
  }
}
