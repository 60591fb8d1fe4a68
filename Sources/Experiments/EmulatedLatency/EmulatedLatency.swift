// How far is the simulation of a transport from the same transport on real sockets?
import Emulation
import LabCore
public import LabManifest
public import LabRunner
import Network
import Transport

/// Sends the same requests over an emulated link, in real time, and through the simulator, and
/// compares the latencies.
///
/// A simulated node takes no time to compute. How much longer the same exchange takes on real
/// sockets than in the simulator is measured in the same trial, on a link without delay and loss,
/// and added to the simulated latency, quantile by quantile; ``description`` calls it the computing
/// time. A repetition measures it anew, so its spread is in the intervals of the errors.
public enum EmulatedLatency: Experiment {
  /// How long a connection stands before the first request, in real time: more than any handshake
  /// takes on a path of which nothing is lost.
  private static func warmUp(_ state: ConnectionState) -> Duration {
    state == .new ? .milliseconds(50) : .milliseconds(700)
  }
  /// The distance of the requests that measure the computing time.
  private static let computingDistance = Duration.milliseconds(8)

  public static let description = ExperimentDescription(
    name: "emulated-latency",
    summary: "The kernel's TCP and QUIC on real sockets over an emulated link, and the simulation "
      + "of both over the same link.",
    version: 2,
    arms: TransportArm.emulated.map { ArmDescription($0.rawValue, $0.emulatedSummary) },
    parameters: [
      ParameterDescription(
        "state", .text(choices: ConnectionState.allCases.map(\.rawValue)),
        default: .text(ConnectionState.new.rawValue),
        "A connection for each request; one that resumes what an earlier one left, which only the "
          + "arm quic has; or one that is kept open and stood before."),
      ParameterDescription(
        "request-bytes", .integer(16...1_000_000_000), default: .integer(64),
        "The length of a request."),
      ParameterDescription(
        "streams", .integer(1...100_000), default: .integer(1),
        "How many requests are made at once at each arrival of the workload."),
      ParameterDescription(
        "congestion-control", .text(choices: CongestionControl.allCases.map(\.rawValue)),
        default: .text(CongestionControl.cubic.rawValue),
        "How the congestion window grows and shrinks, of TCP and of QUIC."),
      ParameterDescription(
        "patience", .duration, default: .duration(.seconds(20)),
        "How long after the last request a trial waits for responses."),
      ParameterDescription(
        "simulated-runs", .integer(1...1_000), default: .integer(10),
        "How often the load is simulated, each time with other losses; the latencies of all runs "
          + "make one distribution."),
      ParameterDescription(
        "computing-requests", .integer(1...10_000), default: .integer(40),
        "How many requests measure the computing time."),
      ParameterDescription(
        "planted-delay", .ratio, default: .ratio(.none),
        "By what share the simulated link is slower than the emulated one; a planted error."),
      ParameterDescription(
        "planted-computing", .duration, default: .duration(.zero),
        "What is added to the computing time; a planted error."),
    ],
    metrics: metrics, takesNetwork: true, takesWorkload: true)

  private static let quantiles = [("median", 0.5), ("p90", 0.9)]

  private static let metrics: [MetricDescription] =
    quantiles.flatMap { name, share in
      let what = name == "median" ? "median" : "quantile \(share)"
      return [
        MetricDescription(
          "\(name)_latency", .sampled, unit: "s", .lower,
          "The \(what) of the latency on the emulated link, from the intended time."),
        MetricDescription(
          "simulated_\(name)_latency", .sampled, unit: "s", .lower,
          "The same in the simulator, with the computing time."),
        MetricDescription(
          "\(name)_error", .sampled, unit: "1", .neutral,
          "The share of the emulated \(what) by which the simulated one is longer; negative when "
            + "it is shorter."),
        MetricDescription(
          "\(name)_computing_share", .sampled, unit: "1", .lower,
          "The share of the emulated \(what) that is computing time, measured and not simulated."),
      ]
    } + [
      MetricDescription(
        "latency", .sampled, unit: "histogram", .lower,
        "Nanoseconds from the intended time to the last byte of the response, emulated."),
      MetricDescription(
        "simulated_latency", .sampled, unit: "histogram", .lower,
        "The same in the simulator, without the computing time."),
      MetricDescription(
        "answered_fraction", .sampled, unit: "1", .higher,
        "The share of requests whose response arrived before the trial ended, in the world that "
          + "answered fewer; the latencies are those of answered requests."),
      MetricDescription(
        "attempts", .sampled, unit: "1", .lower,
        "How often the two emulated runs were made until their packets were on time; 2 at best."),
      MetricDescription(
        "lateness_p99", .sampled, unit: "s", .lower,
        "How late 99 of 100 packets leave the emulated link at most, without their wait in the "
          + "devices' own queues."),
      MetricDescription(
        "packets_refused", .sampled, unit: "1", .lower,
        "The packets that arrived and for which the receiving kernel had no room."),
      MetricDescription(
        "packets_foreign", .sampled, unit: "1", .neutral,
        "The packets of other protocols than IPv4, which the link does not carry."),
      MetricDescription(
        "packets_lost", .sampled, unit: "1", .neutral,
        "The share of packets that the emulated link lost."),
      MetricDescription(
        "packets", .sampled, unit: "1", .neutral, "The packets that both kernels sent into it."),
    ]

  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func missing(for plan: Plan) -> [String] {
    EmulatedLink.missing().map { [$0] } ?? []
  }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let load = try ExchangeLoad(trial, warmUp: warmUp(try trial.choice("state")))
    let arm = try Arm(trial, load.state)
    let bareLoad = try computingLoad(trial, load)
    let (bareOutcome, bareAttempts) = try Punctuality.punctually { try arm.emulate(bareLoad) }
    let (outcome, attempts) = try Punctuality.punctually { try arm.emulate(load) }
    let bare = LatencyComparison.Pair(
      emulated: bareOutcome.tally, simulated: try arm.simulate(bareLoad))
    let link = LatencyComparison.Pair(
      emulated: outcome.tally, simulated: try simulate(load, arm, trial))
    recorder.record("attempts", bareAttempts + attempts)
    recorder.record("latency", link.emulated.latency)
    recorder.record("simulated_latency", link.simulated.latency)
    recorder.record("answered_fraction", link.answeredFraction)
    for (name, share) in quantiles {
      let comparison = try LatencyComparison(
        ofQuantile: share, link: link, bare: bare, planted: try trial.duration("planted-computing"))
      recorder.record("\(name)_latency", comparison.emulated)
      recorder.record("simulated_\(name)_latency", comparison.simulated)
      recorder.record("\(name)_error", comparison.error)
      recorder.record("\(name)_computing_share", comparison.computingShare)
    }
    record(outcome.link, &recorder)
  }

  /// Simulates a load several times.
  private static func simulate(
    _ load: ExchangeLoad, _ arm: Arm, _ trial: Trial
  ) throws -> ExchangeTally {
    var load = load
    try load.network.slow(by: try trial.share("planted-delay"))
    var whole: ExchangeTally?
    for run in 0..<(try trial.integer("simulated-runs")) {
      load.seed = trial.seed.child("simulated").child(run)
      let tally = try arm.simulate(load)
      if whole == nil { whole = tally } else { whole?.merge(tally) }
    }
    guard let whole else { throw ExchangeLoadError.noAnswer }
    return whole
  }

  /// The same requests, each after the one before it, on a link that takes no time.
  private static func computingLoad(_ trial: Trial, _ load: ExchangeLoad) throws -> ExchangeLoad {
    var bare = load.spaced(
      by: computingDistance, count: try trial.integer("computing-requests"),
      from: .milliseconds(150))
    bare.network = NetworkDescription(nodes: 2)
    return bare
  }

  private static func record(_ link: EmulationOutcome, _ recorder: inout Recorder) {
    let packets = link.directions.reduce(0) { $0 + $1.packets }
    let lost = link.directions.reduce(0) { $0 + $1.lost.values.reduce(0, +) }
    recorder.record("packets", packets)
    if packets > 0 { recorder.record("packets_lost", Double(lost) / Double(packets)) }
    recorder.record("packets_refused", link.directions.reduce(0) { $0 + $1.refused })
    recorder.record("packets_foreign", link.directions.reduce(0) { $0 + $1.foreign })
    if let late = link.lateness99 { recorder.record("lateness_p99", late.seconds) }
  }
}

/// What is compared in a trial, in both worlds.
private enum Arm {
  case tcp(TransportArm, TCPExchangeConfiguration, CongestionControl)
  case quic(QUICArm)

  init(_ trial: Trial, _ state: ConnectionState) throws {
    let arm = try trial.subject(as: TransportArm.self)
    guard let security = arm.security else {
      self = .quic(
        try QUICArm(
          try trial.choice("congestion-control"), state: state,
          unixTimeAtZero: Stopwatch.nanosecondsSince1970()))
      return
    }
    guard state != .resumed else { throw ExchangeLoadError.noResumption }
    let control: CongestionControl = try trial.choice("congestion-control")
    self = .tcp(arm, TCPArm(arm, security).configuration(control, state: state), control)
  }

  func emulate(_ load: ExchangeLoad) throws -> EmulatedExchange.Outcome {
    switch self {
    case .tcp(let arm, _, let control): try EmulatedExchange(load: load).run(arm, control)
    case .quic(let arm): try EmulatedExchange(load: load).run(arm)
    }
  }

  func simulate(_ load: ExchangeLoad) throws -> ExchangeTally {
    switch self {
    case .tcp(_, let configuration, _): try load.simulate(configuration)
    case .quic(let arm): try load.simulate(arm)
    }
  }
}

extension TransportArm {
  /// The arms that exist on real sockets.
  fileprivate static let emulated: [TransportArm] = [.tcp, .tls12, .tls13, .https, .quic]

  fileprivate var emulatedSummary: String {
    switch self {
    case .tcp: "The kernel's TCP, messages with a length in front, beside the TCP model."
    case .tls12: "TLS 1.2 by BoringSSL over the kernel's TCP, beside the model."
    case .tls13: "TLS 1.3 by BoringSSL over the kernel's TCP, beside the model."
    case .https: "HTTP/1.1 on TLS 1.3 over the kernel's TCP, beside the model."
    case .quic: "QUIC by ngtcp2 on real UDP sockets, beside the same in the simulator."
    case .tls13EarlyData, .quicDatagram: summary
    }
  }
}
