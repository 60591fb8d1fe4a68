// fleetlab baseline
import ArgumentParser
import LabGate
import LabManifest
import LabRecord
import Statistics

/// Shows and changes baselines.
struct BaselineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baseline",
    abstract: "Show, update or prune the numbers that the gate judges against.",
    discussion: """
      EXAMPLES
        fleetlab baseline show literal-transport --size smoke
        fleetlab baseline update --size smoke --results records
        fleetlab baseline prune --dry-run
      """,
    subcommands: [Show.self, Update.self, Prune.self])

  /// Which baselines.
  struct Options: ParsableArguments {
    @OptionGroup var folders: FolderOptions

    @Option(help: "The folder of baselines.")
    var baselines = "Results"
  }
}

extension BaselineCommand {
  /// Lists the entries of baselines.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the entries of baselines with where they come from.",
      discussion: "EXAMPLES\n  fleetlab baseline show\n  fleetlab baseline show literal-transport "
        + "--size smoke --format csv")

    @OptionGroup var options: Options

    @Argument(help: "The ids of experiments; all that have a baseline by default.")
    var experiments: [String] = []

    @Option(help: "The size of the runs; all sizes by default.")
    var size: RunSize?

    @Option(help: "The form of the list.")
    var format: ListingFormat = .text

    func run() throws {
      var listing = Listing(columns: BaselineListing.columns)
      do throws(BaselineError) {
        let all = try BaselineFolder.experiments(in: options.baselines)
        for id in experiments.isEmpty ? all : experiments {
          let folder = BaselineFolder(baselines: options.baselines, experiment: id)
          for path in try folder.files(size: size) {
            for row in BaselineListing.rows(of: try Baseline.load(path: path)) {
              listing.append(row)
            }
          }
        }
      } catch { throw Failure(.failed, "\(error)") }
      Console.print(listing.text(as: format))
    }
  }

  /// Writes baselines from records.
  struct Update: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write what records measured into their baselines.",
      discussion: """
        One file for each size and class of machine. A loosening needs --reason: an exact value \
        that changed, a mean that moved to the worse side or a spread that grew beyond noise, \
        fewer repetitions, or an entry that goes. The reason is kept in the entries that change.

        EXAMPLES
          fleetlab baseline update
          fleetlab baseline update literal-transport --size smoke --results build/results
          fleetlab baseline update --only latency --reason 'the link model counts headers now'
        """)

    @OptionGroup var options: Options

    @Argument(help: "The ids of experiments; all that have a record by default.")
    var experiments: [String] = []

    @Option(help: "The size of the records.")
    var size: RunSize = .standard

    @Option(help: "Change the entries of this metric only; may be repeated.")
    var only: [String] = []

    @Option(help: "Why the baseline changes, for whoever meets it next.")
    var reason: String?

    func run() throws {
      let records = try GatedRecords(
        options.folders, baselines: options.baselines, size: size, only: experiments)
      // Every change is worked out before the first file is written.
      let updates = try records.entries.compactMap { entry in
        try update(of: entry).map { (entry, $0) }
      }
      for (entry, update) in updates { try write(update, entry, records) }
    }

    private func update(of entry: GatedRecords.Entry) throws -> BaselineUpdate? {
      guard let record = entry.record else { return nil }
      let path = entry.folder.file(size: size, exactness: record.run.exactness)
      do {
        let old = FolderProbe.exists(path) ? try Baseline.load(path: path) : nil
        let update = try BaselineUpdate(
          old: old, record: record, policy: entry.plan.manifest.gate,
          only: only.isEmpty ? nil : Set(only), reason: reason)
        guard reason != nil || update.loosened.isEmpty else {
          throw Failure(
            .finding, "\(BaselineError.reasonNeeded(path: path, loosened: update.loosened))")
        }
        return update
      } catch let error as BaselineError {
        throw Failure(.failed, "\(error)")
      } catch let error as StatisticsError {
        throw Failure(.failed, "\(error)")
      }
    }

    private func write(
      _ update: BaselineUpdate, _ entry: GatedRecords.Entry, _ records: GatedRecords
    ) throws {
      for step in update.steps where step.change == .skipped {
        Console.say("skipped: \(step.key.metricText) of \(step.key.arm): \(step.text)")
      }
      if update.isEmpty {
        Console.say("\(entry.plan.manifest.id): nothing changes")
      } else {
        do throws(BaselineError) {
          let path = try update.write(into: entry.folder)
          Console.say("wrote \(path): \(update.counts)")
        } catch { throw Failure(.failed, "\(error)") }
      }
      try records.writeEvents(of: entry, only: only)
    }
  }

  /// Removes what no manifest can produce.
  struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove entries and files that no manifest can produce any more.",
      discussion: "EXAMPLES\n  fleetlab baseline prune --dry-run\n  fleetlab baseline prune")

    @OptionGroup var options: Options

    @Flag(name: .shortAndLong, help: "Only print what would be removed.")
    var dryRun = false

    func run() throws {
      var paths: [String: String] = [:]
      for path in try options.folders.manifests([]) {
        paths[try options.folders.plan(path, .standard).manifest.id] = path
      }
      do {
        let pruning = try BaselinePruning(baselines: options.baselines) { id, size in
          try paths[id].map { try options.folders.plan($0, size) }
        }
        var listing = Listing(columns: ["path", "what goes"])
        for item in pruning.items {
          switch item {
          case .file(let path): listing.append([path, "the whole file"])
          case .entries(let path, let texts):
            for text in texts { listing.append([path, text]) }
          }
        }
        Console.print(listing.text(as: .text))
        guard !dryRun else { return }
        try pruning.apply()
        Console.say("\(pruning.items.count) files changed or removed")
      } catch let error as BaselineError {
        throw Failure(.failed, "\(error)")
      }
    }
  }
}
