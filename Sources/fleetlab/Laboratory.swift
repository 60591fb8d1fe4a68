// What all verbs share: the experiments, the folders, the options.
public import ArgumentParser
import Experiments
public import LabManifest
import LabRecord
import LabReport
import LabRunner

/// The experiments of this program, in the order in which they are listed.
let laboratory = ExperimentRegistry(AllExperiments.types)

extension RunSize: ExpressibleByArgument {}

/// Where manifests and results lie.
struct FolderOptions: ParsableArguments {
  @Option(help: "The folder of experiment manifests and claims.yaml.")
  var experiments = "Experiments"

  @Option(help: "The folder of records.")
  var results = "Results"
}

extension FolderOptions {
  var loader: ManifestLoader {
    ManifestLoader(experiments: laboratory.experiments.map { $0.description })
  }

  /// The manifests below some paths, or below the folder of experiments.
  func manifests(_ paths: [String]) throws -> [String] {
    let places = paths.isEmpty ? [experiments] : paths
    let found: [String]
    do throws(ManifestProblems) {
      found = try loader.manifests(below: places)
    } catch { throw Failure(.badManifest, "\(error)") }
    guard !found.isEmpty else {
      throw Failure(
        .badManifest,
        "there is no manifest below \(places.joined(separator: ", ")); a file with 'fleetlab:' and "
          + "'title:' was expected; name one")
    }
    return found
  }

  /// The plan of a manifest.
  func plan(
    _ path: String, _ size: RunSize, seed: UInt64? = nil, settings: [String: String] = [:],
    checkingData: Bool = false
  ) throws -> Plan {
    do throws(ManifestProblems) {
      return try loader.plan(
        path: path, size: size, seed: seed, settings: settings, checkingData: checkingData)
    } catch { throw Failure(.badManifest, "\(error)") }
  }

  /// The plan of the manifest with an id.
  func plan(ofManifest id: String, _ size: RunSize) throws -> Plan {
    for path in try manifests([]) {
      let plan = try plan(path, size)
      if plan.manifest.id == id { return plan }
    }
    throw Failure(
      .failed,
      "no manifest below \(experiments) has the id '\(id)'; the id of an experiment was expected; "
        + "'fleetlab list' shows what there is")
  }

  /// The record of an experiment with its manifest at the record's own size, judged.
  func report(of id: String) throws -> (report: RunReport, plan: Plan) {
    do {
      let record = try RunRecord.load(folder: "\(results)/\(id)")
      let plan = try plan(ofManifest: id, record.run.size)
      return (try RunReport(manifest: plan.manifest, record: record), plan)
    } catch let error as RecordError {
      throw Failure(.failed, "\(error)")
    } catch let error as ReportError {
      throw Failure(.failed, "\(error)")
    }
  }

  /// The claims of the document.
  func claims() throws -> [Claim] {
    do throws(ManifestProblems) {
      return try ClaimsFile.load(path: "\(experiments)/claims.yaml")
    } catch { throw Failure(.badManifest, "\(error)") }
  }

  /// What a plan needs and this machine lacks, each with its remedy: programs and data.
  func missing(for plan: Plan) -> [String] {
    ExecutableSearch.missing(in: plan).map(\.absence)
      + (laboratory[plan.manifest.experiment.name]?.missing(for: plan) ?? [])
  }

  /// The plan of every manifest at standard size.
  func plans() throws -> [Plan] { try manifests([]).map { try plan($0, .standard) } }

  /// Every manifest that has a record, with it.
  func entries() throws -> [LaboratoryReport.Entry] { try entries(of: plans()) }

  /// The records that some plans have, judged and drawn.
  func entries(of plans: [Plan]) throws -> [LaboratoryReport.Entry] {
    var entries: [LaboratoryReport.Entry] = []
    for plan in plans {
      guard let record = try record(of: plan) else { continue }
      let report = try RunReport(manifest: plan.manifest, record: record)
      entries.append(.init(report: report, standing: try standing(of: record, plan)))
    }
    return entries
  }

  /// The record of a plan; `nil` when there is none.
  func record(of plan: Plan) throws -> RunRecord? {
    let folder = "\(results)/\(plan.manifest.id)"
    guard FolderProbe.exists("\(folder)/run.json") else { return nil }
    do throws(RecordError) {
      return try RunRecord.load(folder: folder)
    } catch { throw Failure(.failed, "\(error)") }
  }

  /// Whether a record answers its manifest as it stands now, at the record's own size.
  func standing(
    of record: RunRecord, _ plan: Plan
  ) throws -> LaboratoryReport.Standing {
    let size = record.run.size
    let now = size == .standard ? plan : try self.plan(plan.manifest.path, size)
    // What this machine has plays no part: the report is the same wherever it is made.
    let remedies = Set(plan.manifest.programs.compactMap(\.setup)).sorted()
    let needs =
      remedies.isEmpty
      ? "" : "; its programs come by \(remedies.joined(separator: " and "))"
    if record.run.manifest.digest != now.digest {
      return .kept(
        reason: "the manifest has changed since, or the run had settings of its own\(needs)")
    }
    if record.run.experiment.version != plan.manifest.experiment.version {
      return .kept(reason: "the experiment has a newer version\(needs)")
    }
    return .fresh
  }
}

/// Changes of a manifest on the command line.
struct ChangeOptions: ParsableArguments {
  @Option(help: "How much is run: smoke for seconds, standard for minutes, full for hours.")
  var size: RunSize = .standard

  @Option(help: "The root of all random streams, in place of the manifest's.")
  var seed: UInt64?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A setting in place of the manifest's, as in network.link.loss=5%; may be repeated.",
      valueName: "key=value"))
  var settings: [String] = []

  func validate() throws {
    for setting in settings where setting.split(separator: "=", maxSplits: 1).count != 2 {
      throw ValidationError("'\(setting)' is no setting; write --set key=value")
    }
  }

  /// The settings by key.
  var values: [String: String] {
    var values: [String: String] = [:]
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { values[parts[0]] = parts[1] }
    }
    return values
  }
}
