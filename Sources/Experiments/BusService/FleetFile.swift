// The file that says which nodes make a fleet, where each is found, and what each is given.
public import Events
import Glibc
import LabCore
public import LabManifest
public import Sockets

/// A fleet as its file describes it, one file for all nodes.
///
/// ```yaml
/// fleetlab: 1
/// trust: authority.pem
/// nodes:
///   a: {address: 127.0.0.1:4701}
///   b: {address: 127.0.0.1:4702, certificate: certs/b.pem, key: certs/b.key, folder: /var/b}
/// limits: {capacity: 64MB, age: 1h}
/// pace: {digest-period: 100ms}
/// ```
///
/// Paths begin at the file's own folder. A node's certificate bears its name; files that are not
/// named are `NAME.pem`, `NAME.key` and the folder `NAME`. The nodes and their order are part of
/// the fleet: a node whose file names others is a stranger to the rest.
public struct FleetFile: Sendable {
  /// One node.
  public struct Node: Hashable, Sendable {
    /// The name, which stands in its certificate.
    public var name: String
    /// Where its peers find it.
    public var address: NodeAddress
    /// The path of its certificate in PEM.
    public var certificate: String
    /// The path of its private key in PEM.
    public var key: String
    /// The path of the folder in which it keeps its events.
    public var folder: String
  }

  /// The largest event that a fleet may allow; a frame of the carrier has room for it.
  public static let largestEvent = 900_000

  /// Where the file lies.
  public let path: String
  /// The path of the authorities' certificates in PEM.
  public let trust: String
  /// The nodes in the order of the file.
  public let nodes: [Node]
  /// What the nodes agree on.
  public let settings: EventBusConfiguration

  /// Reads a fleet.
  ///
  /// - Parameter path: The file, or the folder in which it is called `fleet.yaml`.
  /// - Throws: Everything that is wrong with the file, each with its line and column; its writer
  ///   mends it.
  public init(_ path: String) throws(ManifestProblems) {
    let file = access("\(path)/fleet.yaml", F_OK) == 0 ? "\(path)/fleet.yaml" : path
    self = try StrictYAML.read(file: file) { FleetFile($0, path: file) }
  }

  init(yaml text: String, path: String) throws(ManifestProblems) {
    self = try StrictYAML.read(text, path: path) { FleetFile($0, path: path) }
  }

  /// The place of a name among the nodes.
  public func place(of name: String) -> Int? { nodes.firstIndex { $0.name == name } }

  /// What is said of a name that no node has.
  public func absence(of name: String) -> String {
    "'\(name)' is no node of \(path); one of its nodes was expected; "
      + suggestion(for: name, among: nodes.map(\.name))
  }

  /// The limits that suit a carrier with streams, where the file says nothing else.
  static var defaultLimits: EventBusLimits {
    var limits = EventBusLimits()
    limits.event = ByteCount(256_000)
    limits.batch = ByteCount(32_000)
    limits.batchesPerPull = 8
    limits.pushWindow = 1_024
    return limits
  }

  private init?(_ reader: StrictReader, path: String) {
    let keys = ["fleetlab", "trust", "nodes", "limits", "pace"]
    guard let fields = reader.fields(keys, required: ["fleetlab", "nodes"]) else { return nil }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    _ = fields.read("fleetlab") { $0.choice(["1"]) }
    let trust = fields.read("trust", default: "authority.pem") { $0.text() }
    let nodes = fields.read("nodes") { Self.nodes($0, folder) }
    let limits = fields.read("limits", default: Self.defaultLimits, Self.limits)
    let pace = fields.read("pace", default: EventBusPace(), Self.pace)
    guard let trust, let nodes, let limits, let pace else { return nil }
    do throws(EventBusConfigurationError) {
      settings = try EventBusConfiguration(
        members: nodes.map(\.name), limits: limits, pace: pace)
    } catch {
      (fields["limits"] ?? reader).report("fleet.settings", "\(error)")
      return nil
    }
    self.path = path
    self.trust = Self.absolute(trust, in: folder)
    self.nodes = nodes
  }

  private static func nodes(_ reader: StrictReader, _ folder: String) -> [Node]? {
    guard let entries = reader.entries() else { return nil }
    var (addresses, folders) = (Set<NodeAddress>(), Set<String>())
    let nodes = entries.compactMap { name, _, value -> Node? in
      guard let node = node(name, value, folder) else { return nil }
      guard addresses.insert(node.address).inserted else {
        value.report(
          "fleet.shared-address",
          "\(node.address) is the address of an earlier node; one for each was expected; change it")
        return nil
      }
      guard folders.insert(node.folder).inserted else {
        value.report(
          "fleet.shared-folder",
          "\(node.folder) is the folder of an earlier node; one for each was expected; change it")
        return nil
      }
      return node
    }
    guard nodes.count == entries.count else { return nil }
    guard 1...EventBusLimits.members ~= nodes.count else {
      reader.report(
        "fleet.nodes",
        "there are \(nodes.count) nodes; 1 to \(EventBusLimits.members) were expected; add some")
      return nil
    }
    return nodes
  }

  private static func node(_ name: String, _ reader: StrictReader, _ folder: String) -> Node? {
    let keys = ["address", "certificate", "key", "folder"]
    guard let fields = reader.fields(keys, required: ["address"]) else { return nil }
    guard isName(name) else {
      reader.report(
        "fleet.name",
        "'\(name)' is no name of a node; 1 to 64 printable characters without slashes and without "
          + "'~' at the beginning were expected; rename it")
      return nil
    }
    let address = fields.read("address", Self.address)
    let certificate = fields.read("certificate", default: "\(name).pem") { $0.text() }
    let key = fields.read("key", default: "\(name).key") { $0.text() }
    let own = fields.read("folder", default: name) { $0.text() }
    guard let address, let certificate, let key, let own else { return nil }
    return Node(
      name: name, address: address, certificate: absolute(certificate, in: folder),
      key: absolute(key, in: folder), folder: absolute(own, in: folder))
  }

  /// Whether a text can be the name of a node and of its files.
  static func isName(_ text: String) -> Bool {
    1...64 ~= text.utf8.count && text != "." && text != ".." && !text.hasPrefix("~")
      && text.utf8.allSatisfy { 0x21...0x7e ~= $0 && $0 != UInt8(ascii: "/") }
  }

  private static func address(_ reader: StrictReader) -> NodeAddress? {
    guard let text = reader.text() else { return nil }
    let colon = text.lastIndex(of: ":") ?? text.startIndex
    let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
    if let port = UInt16(text[colon...].dropFirst()), port > 0,
      let address = try? NodeAddress(host: host, port: port)
    {
      return address
    }
    reader.report(
      "fleet.address",
      "'\(text)' is no address; a numeric IP address with a port was expected; write it like "
        + "'127.0.0.1:4701' or '[::1]:4701'")
    return nil
  }

  private static func limits(_ reader: StrictReader) -> EventBusLimits? {
    let keys = [
      "capacity", "age", "event", "batch", "batches-per-pull", "push-window", "delivery-window",
      "subscribers",
    ]
    guard let fields = reader.fields(keys) else { return nil }
    var limits = defaultLimits
    func set<Value>(
      _ key: String, _ place: WritableKeyPath<EventBusLimits, Value>,
      _ read: (StrictReader) -> Value?
    ) {
      if let value = fields.read(key, read) { limits[keyPath: place] = value }
    }
    set("capacity", \.capacity) { $0.size() }
    set("age", \.age) { $0.duration() }
    set("event", \.event) { $0.size() }
    set("batch", \.batch) { $0.size() }
    set("batches-per-pull", \.batchesPerPull) { $0.whole() }
    set("push-window", \.pushWindow) { $0.whole() }
    set("delivery-window", \.deliveryWindow) { $0.whole() }
    set("subscribers", \.subscribers) { $0.whole() }
    guard limits.event.bytes <= largestEvent, limits.batch.bytes <= largestEvent else {
      reader.report(
        "fleet.too-large",
        "an event or a batch has up to \(max(limits.event, limits.batch)); at most "
          + "\(ByteCount(largestEvent)) were expected; make it smaller")
      return nil
    }
    return limits
  }

  private static func pace(_ reader: StrictReader) -> EventBusPace? {
    let keys = ["digest-period", "digest-peers", "repair-delay", "pull-patience", "silence"]
    guard let fields = reader.fields(keys) else { return nil }
    var pace = EventBusPace()
    func set<Value>(
      _ key: String, _ place: WritableKeyPath<EventBusPace, Value>,
      _ read: (StrictReader) -> Value?
    ) {
      if let value = fields.read(key, read) { pace[keyPath: place] = value }
    }
    set("digest-period", \.digestPeriod) { $0.duration() }
    set("digest-peers", \.digestPeers) { $0.whole() }
    set("repair-delay", \.repairDelay) { $0.duration() }
    set("pull-patience", \.pullPatience) { $0.duration() }
    set("silence", \.silence) { $0.duration() }
    return pace
  }

  private static func absolute(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : folder + path
  }
}
