// A disk in memory that forgets, tears and rots the way real ones do.

public import LabCore

/// A disk in memory whose power can be cut.
///
/// What is written to a file is volatile until the file is synced, and a file's name until the
/// folder is. ``crash(_:)`` decides for everything volatile whether it survived. The disk is a
/// value: a copy of it is a second disk with the same content.
/// - Determinism: The calls and the random streams fix everything.
public struct SimulatedDisk: Disk {
  /// The unit in which a crash keeps or loses parts of a write.
  public static let sectorSize = 512

  /// How much has been asked of the disk since it was made.
  public struct Counters: Hashable, Sendable {
    /// Calls that wrote.
    public var writes = 0
    /// Bytes that were written.
    public var bytesWritten = 0
    /// How often the content of some file was made durable.
    public var syncs = 0
    /// How often the names were.
    public var folderSyncs = 0
    /// Writes that went elsewhere than they should have.
    public var misdirectedWrites = 0
  }

  /// How many bytes all files together may have, or `nil` for no limit.
  public var capacity: ByteCount?
  /// The share of writes that land in a random sector of a random file instead of where they
  /// should.
  public var misdirection = Ratio.none
  /// Whether a sync returns without making anything durable, as a disk does that lies about its
  /// cache.
  public var ignoresSyncs = false
  /// How much has been asked of the disk.
  public private(set) var counters = Counters()

  /// The files, by a number that never changes; names point to numbers.
  private var files: [Int: SimulatedFile] = [:]
  private var names: [String: Int] = [:]
  private var durableNames: [String: Int] = [:]
  private var nameChanges: [NameChange] = []
  private var nextFile = 0
  private var random: RandomStream

  /// Makes an empty disk.
  ///
  /// - Parameter random: The stream that misdirects writes.
  public init(capacity: ByteCount? = nil, random: RandomStream = Seed(0).stream()) {
    self.capacity = capacity
    self.random = random
  }

  /// The size that a reader sees, synced or not.
  public mutating func size(of name: String) throws(DiskError) -> Int {
    files[try number(of: name)]?.content.count ?? 0
  }

  /// Reads what was last written, synced or not.
  public mutating func read(
    _ name: String, at offset: Int, count: Int
  ) throws(DiskError) -> Bytes {
    let content = files[try number(of: name)]?.content ?? []
    let start = min(offset, content.count)
    return Bytes(Array(content[start..<min(start + count, content.count)]))
  }

  /// Makes or empties a file; both are volatile.
  public mutating func create(_ name: String) throws(DiskError) {
    if let number = names[name] {
      files[number]?.change(.resize(to: 0))
      return
    }
    files[nextFile] = SimulatedFile()
    change(NameChange(added: name, number: nextFile))
    nextFile += 1
  }

  /// Writes as many of the bytes as find room, and throws ``DiskError/full`` if that is not all.
  public mutating func write(
    _ bytes: Bytes, to name: String, at offset: Int
  ) throws(DiskError) {
    var (number, offset) = (try number(of: name), offset)
    if random.chance(misdirection) {
      (number, offset) = anySector()
      counters.misdirectedWrites += 1
    }
    let size = files[number]?.content.count ?? 0
    let room = capacity.map { max(0, $0.bytes - used + size - offset) } ?? bytes.count
    let fitting = min(bytes.count, max(room, size - offset))
    if fitting > 0 { files[number]?.change(.write(bytes.slice(0..<fitting), at: offset)) }
    counters.writes += 1
    counters.bytesWritten += max(0, fitting)
    guard fitting >= bytes.count else { throw .full }
  }

  /// Shortens a file, which is volatile, or lengthens it with zeros.
  public mutating func truncate(_ name: String, to size: Int) throws(DiskError) {
    let number = try number(of: name)
    files[number]?.change(.resize(to: size))
  }

  /// Makes a file's changes durable, but not its name.
  public mutating func sync(_ name: String) throws(DiskError) {
    let number = try number(of: name)
    if !ignoresSyncs { files[number]?.sync() }
    counters.syncs += 1
  }

  /// Moves a name, which is volatile but never half done.
  public mutating func rename(_ name: String, to newName: String) throws(DiskError) {
    change(NameChange(removed: name, added: newName, number: try number(of: name)))
  }

  /// Takes a name away, which is volatile.
  public mutating func remove(_ name: String) throws(DiskError) {
    change(NameChange(removed: name, number: try number(of: name)))
  }

  /// Makes every name durable that there is, and every absence.
  public mutating func syncFolder() throws(DiskError) {
    counters.folderSyncs += 1
    if ignoresSyncs { return }
    durableNames = names
    nameChanges.removeAll()
    dropNamelessFiles()
  }

  /// Cuts the power: keeps what was synced and, of the rest, what chance decides.
  ///
  /// For each file, either nothing of what was not synced survives, or all of it, or the first
  /// changes up to a byte in one of them, or any sectors of any changes, or nothing but the file's
  /// size. Of the names, none, all, the first changes or any changes survive.
  public mutating func crash(_ random: inout RandomStream) {
    for number in files.keys.sorted() { files[number]?.crash(&random) }
    let (style, kept) = (random.below(4), random.below(nameChanges.count + 1))
    names = durableNames
    for (place, change) in nameChanges.enumerated() {
      let survives =
        switch style {
        case 0: false
        case 1: true
        case 2: place < kept
        default: random.below(2) == 0
        }
      if survives { change.apply(to: &names) }
    }
    durableNames = names
    nameChanges.removeAll()
    dropNamelessFiles()
  }

  /// Lets bits of a file rot: the ones of `mask` in one byte change.
  ///
  /// - Throws: ``DiskError/notFound(_:)``; and ``DiskError/failed(operation:path:reason:)`` when
  ///   the file has no such byte.
  public mutating func corrupt(
    _ name: String, at offset: Int, mask: UInt8
  ) throws(DiskError) {
    let number = try number(of: name)
    guard offset >= 0, offset < files[number]?.content.count ?? 0 else {
      throw .failed(operation: "corrupt", path: name, reason: "the file has no byte \(offset)")
    }
    files[number]?.corrupt(at: offset, mask: mask)
  }

  /// Lets one random bit of a file rot, and returns the offset of its byte, or `nil` when the file
  /// is empty.
  @discardableResult
  public mutating func corrupt(
    _ name: String, _ random: inout RandomStream
  ) throws(DiskError) -> Int? {
    let size = try size(of: name)
    guard size > 0 else { return nil }
    let offset = random.below(size)
    try corrupt(name, at: offset, mask: 1 << UInt8(random.below(8)))
    return offset
  }

  /// How many bytes the files with a name have together.
  private var used: Int { names.values.reduce(0) { $0 + (files[$1]?.content.count ?? 0) } }

  private func number(of name: String) throws(DiskError) -> Int {
    guard let number = names[name] else { throw .notFound(name) }
    return number
  }

  private mutating func change(_ change: NameChange) {
    change.apply(to: &names)
    nameChanges.append(change)
  }

  private mutating func anySector() -> (number: Int, offset: Int) {
    let numbers = names.values.sorted()
    let victim = numbers[random.below(numbers.count)]
    let sectors = (files[victim]?.content.count ?? 0) / Self.sectorSize + 1
    return (victim, random.below(sectors) * Self.sectorSize)
  }

  private mutating func dropNamelessFiles() {
    let named = Set(names.values).union(durableNames.values)
    for number in files.keys where !named.contains(number) { files[number] = nil }
  }
}

/// One atomic change of a folder: a name disappears, a name appears, or both at once.
private struct NameChange: Sendable {
  var removed: String?
  var added: String?
  var number: Int

  func apply(to names: inout [String: Int]) {
    if let removed, names[removed] == number { names[removed] = nil }
    if let added { names[added] = number }
  }
}
