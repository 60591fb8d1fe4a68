// fleetlab vectors
public import ArgumentParser
import ArrayFiles
import LabCore
import LabGate
import LabRunner
public import VectorSearch

/// Searches among the user's own vectors.
struct VectorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vectors",
    abstract: "Build, search, check and measure an index of your own vectors.",
    discussion: """
      Vectors come from .npy files with one row a vector, or from .fvecs files; found row numbers \
      go to .npy or .ivecs files.

      EXAMPLES
        fleetlab vectors build --base B.npy --index I --metric cosine --storage f16
        fleetlab vectors search --index I --queries Q.npy --k 10 --search-breadth 100 --out ids.npy
        fleetlab vectors search --index I --queries Q.npy --k 10 --exact --out truth.npy
        fleetlab vectors verify --index I
        fleetlab vectors bench --base B.npy --queries Q.npy
      """,
    subcommands: [
      VectorsBuildCommand.self, VectorsSearchCommand.self, VectorsInfoCommand.self,
      VectorsVerifyCommand.self, VectorsBenchCommand.self, VectorsDataCommand.self,
    ])

  /// The longest file of vectors that is read.
  static let fileLimit = 1 << 36

  /// Turns the errors of indexes and files into the program's failure.
  static func failing<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as ArrayFileError {
      throw Failure(.failed, "\(error)")
    } catch let error as IndexFileError {
      throw Failure(.failed, "\(error)")
    } catch let error as VectorError { throw Failure(.failed, "\(error)") }
  }

  /// A number with so many digits behind the point.
  static func text(_ number: Double, digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int((number * scale).rounded())
    guard digits > 0 else { return "\(whole)" }
    let fraction = "\(abs(whole) % Int(scale))"
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(whole < 0 ? "-" : "")\(abs(whole) / Int(scale)).\(zeros)\(fraction)"
  }
}

extension VectorMetric: ExpressibleByArgument {}
extension VectorStorage: ExpressibleByArgument {}

/// How an index is made.
struct IndexOptions: ParsableArguments {
  @Option(help: "What ranks: cosine, inner-product or l2.")
  var metric: VectorMetric = .cosine

  @Option(help: "How many links a vector gets (M), 2 to 256.")
  var connectivity = 16

  @Option(help: "How many candidates are kept while building (efConstruction).")
  var buildBreadth = 200

  @Option(help: "Decides on which levels vectors stand.")
  var seed: UInt64 = 7

  @Option(help: "How many threads build; the index is the same for any number.")
  var threads = 1

  /// Builds an index, its own breadth of search as given.
  func index(
    of rows: [[Float]], _ storage: VectorStorage, searchBreadth: Int
  ) throws -> HNSWIndex {
    guard let first = rows.first else {
      throw Failure(.failed, "there are no rows; at least one vector was expected; add some")
    }
    let configuration = HNSWConfiguration(
      connectivity: connectivity, buildBreadth: buildBreadth, searchBreadth: searchBreadth,
      seed: seed)
    let index = try HNSWIndex(
      dimensions: first.count, metric: metric, storage: storage, configuration: configuration)
    try index.build(rows, threads: threads)
    return index
  }
}

/// Makes the file of an index.
struct VectorsBuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build an index and save it.",
    discussion: """
      EXAMPLE
        fleetlab vectors build --base B.npy --index I --metric inner-product --storage f32
      """)

  @Option(help: "The vectors, .npy or .fvecs; a vector's key is its row number.")
  var base: String

  @Option(help: "The file that is made or replaced.")
  var index: String

  @Option(help: "How vectors are kept: f32, f16 or int8.")
  var storage: VectorStorage = .float32

  @Option(help: "How many candidates searches keep when they do not say so (ef).")
  var searchBreadth = 100

  @OptionGroup var options: IndexOptions

  func run() throws {
    try VectorsCommand.failing {
      let rows = try VectorFile.readRows(base, limit: VectorsCommand.fileLimit)
      let (wall, processor) = (Stopwatch.monotonic(), Stopwatch.processor())
      let made = try options.index(of: rows, storage, searchBreadth: searchBreadth)
      let cpuSeconds = (Stopwatch.processor() - processor).seconds
      let wallSeconds = (Stopwatch.monotonic() - wall).seconds
      try made.save(to: index)
      Console.say(
        "\(made.count) vectors linked in \(VectorsCommand.text(cpuSeconds, digits: 2)) s of CPU, "
          + "\(VectorsCommand.text(wallSeconds, digits: 2)) s of wall time; "
          + "\(made.byteCount) bytes in memory")
    }
  }
}

/// Says what the file of an index holds.
struct VectorsInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say what an index holds, after checking its header and directory.",
    discussion: "EXAMPLE\n  fleetlab vectors info --index I --format json")

  @Option(help: "The file of the index.")
  var index: String

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  func run() throws {
    let header = try VectorsCommand.failing { try HNSWIndex.header(of: index) }
    var table = Listing(columns: ["what", "value"])
    table.append(["vectors", "\(header.rows)"])
    table.append(["dimensions", "\(header.dimensions)"])
    table.append(["metric", header.metric.rawValue])
    table.append(["storage", header.storage.rawValue])
    table.append(["connectivity", "\(header.configuration.connectivity)"])
    table.append(["build breadth", "\(header.configuration.buildBreadth)"])
    table.append(["search breadth", "\(header.configuration.searchBreadth)"])
    table.append(["seed", "\(header.configuration.seed)"])
    table.append(["keys", header.hasKeys ? "stored" : "row numbers"])
    table.append(["form", "\(IndexFileHeader.version)"])
    table.append(["kernels of this machine", distanceKernelName])
    Console.print(table.text(as: format))
  }
}

/// Checks the file of an index.
struct VectorsVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of an index; exit 2 when one is not as written.",
    discussion: "EXAMPLE\n  fleetlab vectors verify --index I")

  @Option(help: "The file of the index.")
  var index: String

  func run() throws {
    let header = try VectorsCommand.failing { try HNSWIndex.verify(index) }
    Console.say("\(header.rows) vectors, all as written")
  }
}
