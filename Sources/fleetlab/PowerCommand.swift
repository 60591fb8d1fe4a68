// fleetlab power
import ArgumentParser
import LabGate
import LabManifest
import Statistics

/// Says how many repetitions the gates of manifests need.
struct PowerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "power",
    abstract: "Say how many repetitions each sampled gate needs to see a shift.",
    discussion: """
      From the spread that records or baselines show, inside the family that the gate's \
      invocation has. The exit code is 1 when a gate's repetitions in the manifest are too few for \
      the shift. A metric whose mean is 0 has no relative shift; any worse value beyond chance is \
      one.

      EXAMPLES
        fleetlab power simulator-validation --shift 5%
        fleetlab power literal-transport --shift 10% --margin 1% --family 200
        fleetlab power mine.yaml --experiments . --results mine
      """)

  @OptionGroup var folders: FolderOptions

  @Argument(help: "Manifests, or ids of experiments; all by default.")
  var experiments: [String] = []

  @Option(help: "The folder of baselines.")
  var baselines = "Results"

  @Option(help: "The size of the records.")
  var size: RunSize = .standard

  @Option(help: "The true shift to the worse side that is to be found.")
  var shift = Percentage(0.05)

  @Option(help: "The margin, in place of those of the manifests.")
  var margin: Percentage?

  @Option(
    help: "How many sampled gates are judged at once; those of the named experiments by default.")
  var family: Int?

  @Option(help: "The chance with which the shift is to be found.")
  var power = 0.9

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  func validate() throws {
    guard power > 0, power < 1 else {
      throw ValidationError("--power is \(power); a number above 0 and below 1 was expected")
    }
    guard family ?? 1 >= 1 else { throw ValidationError("--family is below 1") }
  }

  func run() throws {
    let ids = try experiments.map { name in
      FolderProbe.exists(name) ? try folders.plan(name, size).manifest.id : name
    }
    let records = try GatedRecords(folders, baselines: baselines, size: size, only: ids)
    let count = family ?? max(1, GatePower.family(of: records.comparisons))
    var table = Listing(columns: [
      "experiment", "cell", "arm", "metric", "repetitions", "needed", "power",
    ])
    var blind = 0
    do throws(StatisticsError) {
      for (entry, comparison) in zip(records.entries, records.comparisons) {
        for gate in GatePower.gates(of: comparison, family: count) {
          var gate = gate
          if let margin { gate.margin = .relative(margin.share) }
          let have = entry.plan.manifest.repetitions
          let needed = try gate.repetitions(shift: shift.share, power: power)
          let chance = try gate.power(shift: shift.share, repetitions: have)
          if gate.hasRelativeShift, needed.map({ $0 > have }) ?? true { blind += 1 }
          let place = comparison.cells[gate.key.cell] ?? comparison.baseline?.cells[gate.key.cell]
          table.append([
            comparison.experiment, place.flatMap { $0.isEmpty ? nil : $0 } ?? gate.key.cell,
            gate.key.arm, gate.key.metricText, "\(have)",
            needed.map(String.init) ?? (gate.hasRelativeShift ? "no number" : "mean is 0"),
            FigureText.number(chance, digits: 2),
          ])
        }
      }
    } catch { throw Failure(.failed, "\(error)") }
    Console.print(table.text(as: format))
    Console.say(
      "shift \(FigureText.number(shift.share * 100)) %, \(count) sampled gates in the family")
    guard blind == 0 else {
      throw Failure(
        .finding,
        "\(blind) gates cannot see the shift with the repetitions of their manifest; enough were "
          + "expected; raise 'repetitions', or gate fewer metrics with 'gate: {metrics: […]}'")
    }
  }
}

/// A share that is written as a percentage.
struct Percentage: ExpressibleByArgument, Sendable {
  var share: Double

  init(_ share: Double) { self.share = share }

  init?(argument: String) {
    guard argument.hasSuffix("%"), let number = Double(argument.dropLast()), number.isFinite,
      number >= 0
    else { return nil }
    share = number / 100
  }

  var defaultValueDescription: String { "\(FigureText.number(share * 100))%" }
}
