// How a node's datagrams leave: through the shaped link, then through the socket.
import Glibc
import LabCore
import NIOCore
import NIOPosix
import Network

extension NodeLoop where Node: ~Copyable {
  /// Sends one datagram of the Instance; one to the node itself meets no shaped link.
  func send(_ bytes: Bytes, to receiver: NodeID) {
    counters.sent += 1
    counters.sentBytes += bytes.count
    guard plan.members.address(of: receiver) != nil else {
      counters.unknownReceiver += 1
      return
    }
    if receiver == plan.id { return write(bytes, to: receiver) }
    guard
      let transmission = shaper?.transmit(bytes: bytes.count, to: receiver, at: step.now)
    else { return write(bytes, to: receiver) }
    switch transmission {
    case .arrives(let due, corrupted: false): delay(bytes, to: receiver, until: due)
    case .arrives(let due, corrupted: true):
      counters.corrupted += 1
      delay(shaper?.damaged(bytes, to: receiver) ?? bytes, to: receiver, until: due)
    case .arrivesTwice(let first, let second):
      counters.duplicated += 1
      delay(bytes, to: receiver, until: first)
      delay(bytes, to: receiver, until: second)
    case .lost(let reason):
      counters.count(reason)
      if reason == .datagramTooLarge {
        tell(.unsendable(size: ByteCount(bytes.count), to: receiver))
      }
    }
  }

  private func delay(_ bytes: Bytes, to receiver: NodeID, until due: Instant) {
    guard shapedDatagrams < plan.limits.shapedDatagrams,
      shapedBytes + bytes.count <= plan.limits.shapedBytes.bytes
    else {
      counters.shaperOverflow += 1
      return
    }
    shapedDatagrams += 1
    shapedBytes += bytes.count
    _ = agenda.insert(.release(bytes, to: receiver), due: due)
  }

  /// Hands a datagram to the socket; the kernel gets it when the turn ends.
  func write(_ bytes: Bytes, to receiver: NodeID) {
    if !hasRoom { flush() }
    guard let channel, let address = plan.members.address(of: receiver) else {
      counters.count(SendErrorKind.closed)
      return
    }
    guard hasRoom else {
      counters.writeOverflow += 1
      return
    }
    waitingDatagrams += 1
    let size = bytes.count
    let buffer = bytes.withUnsafeBytes { channel.channel.allocator.buffer(bytes: $0) }
    let written = eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { [self] result in
      waitingDatagrams -= 1
      switch result {
      case .success: counters.written += 1
      case .failure(let error): countSendError(error, size: size, to: receiver)
      }
      if !isFlushing { publish() }
    }
    let datagram = AddressedEnvelope(remoteAddress: address, data: buffer)
    channel.write(NIOAny(datagram), promise: written)
  }

  private var hasRoom: Bool {
    waitingDatagrams < plan.limits.waitingDatagrams && channel?.channel.isWritable == true
  }

  private func countSendError(_ error: any Error, size: Int, to receiver: NodeID) {
    switch error {
    case ChannelError.writeMessageTooLarge:
      counters.count(.datagramTooLarge)
      tell(.unsendable(size: ByteCount(size), to: receiver))
    case ChannelError.writeHostUnreachable: counters.count(SendErrorKind.unreachable)
    case let error as IOError: counters.count(SendErrorKind(errorNumber: error.errnoCode))
    case is ChannelError: counters.count(SendErrorKind.closed)
    default: counters.count(SendErrorKind.other)
    }
  }
}

extension SendErrorKind {
  /// The kind of an error number of `sendmsg`.
  init(errorNumber: CInt) {
    switch errorNumber {
    case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN: self = .unreachable
    case EPERM, EACCES: self = .notPermitted
    case ENOBUFS, ENOMEM: self = .noBuffers
    case ECONNREFUSED: self = .refused
    case EINVAL, EADDRNOTAVAIL, EAFNOSUPPORT, EDESTADDRREQ: self = .badAddress
    default: self = .other
    }
  }
}
