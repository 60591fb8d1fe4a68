// TLS over the TCP model: which flights go back and forth, and how many bytes each has.

/// What protects the bytes of a modelled TCP connection.
public enum TCPSecurity: String, Hashable, Sendable, CaseIterable {
  /// Nothing.
  case none
  /// TLS 1.2: two round trips, one when resumed.
  case tls12
  /// TLS 1.3: one round trip, new or resumed.
  case tls13
  /// TLS 1.3 whose first request travels with the first flight when the connection is resumed.
  case tls13EarlyData = "tls13-early-data"
}

/// The flights of one TLS handshake as byte counts; the model sends no cryptography.
///
/// Counts include the record headers. They are what OpenSSL 3.0 sends with its default settings and
/// a chain of two P-256 certificates of 825 bytes together; those of early data follow from them:
/// 4 bytes more in either hello, and the record that ends early data.
/// > Reference: RFC 5246, section 7.3, and RFC 5077 (TLS 1.2 and its tickets); RFC 8446, sections
/// > 2 and 4 (TLS 1.3), with the middlebox compatibility mode of its appendix D.4.
struct TLSHandshake: Hashable, Sendable {
  /// One flight.
  struct Flight: Hashable, Sendable {
    var isFromClient: Bool
    var bytes: Int
  }

  /// The flights in their order.
  let flights: [Flight]
  /// How many flights the client must have sent or taken before it may send a request.
  let flightsBeforeRequest: Int
  /// How many bytes a record adds to what it protects.
  let recordOverhead: Int

  /// The most bytes that one record protects.
  static let recordLimit = 16_384

  init(_ security: TCPSecurity, isResumed: Bool) {
    func client(_ bytes: Int) -> Flight { Flight(isFromClient: true, bytes: bytes) }
    func server(_ bytes: Int) -> Flight { Flight(isFromClient: false, bytes: bytes) }
    switch (security, isResumed) {
    case (.none, _):
      (flights, flightsBeforeRequest, recordOverhead) = ([], 0, 0)
    case (.tls12, false):
      // The hello; hello, chain, key exchange and done; key exchange and finished; ticket and
      // finished.
      flights = [client(180), server(1_043), client(93), server(242)]
      (flightsBeforeRequest, recordOverhead) = (4, 29)
    case (.tls12, true):
      flights = [client(517), server(141), client(51)]
      (flightsBeforeRequest, recordOverhead) = (3, 29)
    case (.tls13, false), (.tls13EarlyData, false):
      // The hello; hello to finished with the chain; finished; two tickets.
      flights = [client(243), server(1_201), client(80), server(510)]
      (flightsBeforeRequest, recordOverhead) = (3, 22)
    case (.tls13, true):
      flights = [client(519), server(241), client(80), server(255)]
      (flightsBeforeRequest, recordOverhead) = (3, 22)
    case (.tls13EarlyData, true):
      // The last flight of the client begins with the end of early data.
      flights = [client(529), server(245), client(100), server(255)]
      (flightsBeforeRequest, recordOverhead) = (1, 22)
    }
  }

  /// How many bytes of the stream so many bytes of an application take.
  func streamBytes(for bytes: Int) -> Int {
    let records = max((bytes + Self.recordLimit - 1) / Self.recordLimit, 1)
    return bytes + records * recordOverhead
  }
}
