// What the connections of one endpoint share.
import CNgtcp2
import CNgtcp2Crypto
import CTLS
import LabCore

/// The settings, the identity and the memory that the connections of one endpoint share.
final class QUICContext {
  /// TLS 1.3 with AES-128-GCM and X25519, so that every handshake takes the same bytes.
  static let priorities =
    "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM"
    + ":+CHACHA20-POLY1305:-GROUP-ALL:+GROUP-X25519"

  let configuration: QUICConfiguration
  let identity: TLSIdentity
  let entropy: QUICEntropy
  /// The endpoint's own address.
  let local: QUICAddress
  /// What its connections need as servers.
  let server: TLSServer
  /// The packet that is being filled, and the path that it takes.
  let packet: UnsafeMutablePointer<UInt8>
  let packetPath: UnsafeMutablePointer<ngtcp2_path_storage>
  private let resetSecret: [UInt8]
  /// What the protocol above has not taken yet.
  @exclusivity(unchecked) var events = TakeQueue<QUICEvent>()
  /// What is to be sent, and where to.
  @exclusivity(unchecked) var outbox = TakeQueue<(datagram: Bytes, address: QUICAddress)>()

  init(
    _ configuration: QUICConfiguration, _ identity: TLSIdentity, local: QUICAddress,
    random: RandomStream
  ) throws(TLSError) {
    self.configuration = configuration
    self.identity = identity
    self.local = local
    // The memory of first flights begins now, and no ticket from before it gets early data.
    fleetlab_tls_set_time(configuration.unixTimeAtZero)
    entropy = QUICEntropy(random, isSystem: configuration.usesSystemEntropy)
    server = try TLSServer(configuration, tokenSecret: entropy.bytes(32))
    resetSecret = configuration.resetSecret ?? entropy.bytes(32)
    packet = .allocate(capacity: QUICConnection.largestPayload)
    packetPath = .allocate(capacity: 1)
    packetPath.initialize(to: ngtcp2_path_storage())
    ngtcp2_path_storage_zero(packetPath)
  }

  deinit {
    packet.deallocate()
    packetPath.deallocate()
  }

  /// Draws a connection id.
  func makeID(_ id: inout ngtcp2_cid, _ length: Int) {
    let bytes = entropy.bytes(length)
    ngtcp2_cid_init(&id, bytes, length)
  }

  /// The token by which an endpoint that forgot a connection says so (RFC 9000, section 10.3).
  func makeResetToken(of id: ngtcp2_cid, at place: UnsafeMutablePointer<UInt8>) {
    var id = id
    ngtcp2_crypto_generate_stateless_reset_token(place, resetSecret, resetSecret.count, &id)
  }

  /// The same, into a server's transport parameters.
  func makeResetToken(of id: ngtcp2_cid, into parameters: inout ngtcp2_transport_params) {
    parameters.stateless_reset_token_present = 1
    withUnsafeMutableBytes(of: &parameters.stateless_reset_token) { memory in
      guard let place = memory.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      makeResetToken(of: id, at: place)
    }
  }

  /// The settings of a connection that begins at a time.
  func settings(at now: UInt64, qlogOf connection: QUICConnection) -> ngtcp2_settings {
    var settings = ngtcp2_settings()
    ngtcp2_settings_default_versioned(NGTCP2_SETTINGS_VERSION, &settings)
    settings.initial_ts = now
    settings.cc_algo =
      switch configuration.congestionControl {
      case .reno: NGTCP2_CC_ALGO_RENO
      case .cubic: NGTCP2_CC_ALGO_CUBIC
      case .bbr: NGTCP2_CC_ALGO_BBR
      }
    settings.handshake_timeout = UInt64(max(1, configuration.handshakeTimeout.nanoseconds))
    settings.rand_ctx.native_handle = Unmanaged.passUnretained(entropy).toOpaque()
    if configuration.qlog != nil {
      settings.qlog.write = { user, _, data, count in
        let me = QUICConnection.of(user)
        let bytes = Array(UnsafeRawBufferPointer(start: data, count: count))
        me.context.configuration.qlog?(me.number, bytes)
      }
    }
    return settings
  }

  /// What the endpoint lets its peers do.
  func transportParameters() -> ngtcp2_transport_params {
    var parameters = ngtcp2_transport_params()
    ngtcp2_transport_params_default_versioned(NGTCP2_TRANSPORT_PARAMS_VERSION, &parameters)
    let window = UInt64(configuration.streamWindow.bytes)
    parameters.initial_max_streams_bidi = UInt64(configuration.maximumStreams)
    parameters.initial_max_streams_uni = UInt64(configuration.maximumStreams)
    parameters.initial_max_stream_data_bidi_local = window
    parameters.initial_max_stream_data_bidi_remote = window
    parameters.initial_max_stream_data_uni = window
    parameters.initial_max_data = UInt64(configuration.connectionWindow.bytes)
    parameters.max_idle_timeout = UInt64(max(0, configuration.idleTimeout.nanoseconds))
    parameters.max_datagram_frame_size = UInt64(configuration.maximumDatagram.bytes)
    parameters.active_connection_id_limit = 7
    return parameters
  }
}
