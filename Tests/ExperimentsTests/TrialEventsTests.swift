import Experiments
import LabCore
import LabGate
import LabManifest
import LabRunner
import Network
import Testing

@Suite struct TrialEventsTests {
  private let runner = InlineRunner(experiments: ExperimentRegistry(AllExperiments.types))

  private func plan() throws -> Plan {
    try ManifestLoader(experiments: AllExperiments.types.map { $0.description }).plan(
      text: """
        fleetlab: 1
        title: Events of a trial
        question: Are they the same each time?
        experiment: literal-transport
        arms: [corrected]
        network: {nodes: 3, link: {delay: 5ms}}
        workload: {open: 5ms, requests: 10, size: 64B}
        """, path: "trial.yaml", size: .smoke)
  }

  @Test func `two replays of a trial list the same events`() throws {
    let plan = try plan()
    let lines = try #require(try runner.events(of: 0, of: plan))
    #expect(lines.count > 50)
    #expect(EventBaseline(lines: lines).firstDifference(to: lines) == nil)
    #expect(try runner.events(of: 0, of: plan) == lines)
  }

  @Test func `a link that is a nanosecond slower shows at the first arrival and in the trajectory`()
    throws
  {
    let plan = try plan()
    var slower = plan
    slower.trials[0].cell.settings.network?.link.delay = .constant(Duration(nanoseconds: 5_000_001))
    let kept = EventBaseline(lines: try #require(try runner.events(of: 0, of: plan)))
    let lines = try #require(try runner.events(of: 0, of: slower))
    let difference = try #require(kept.firstDifference(to: lines))
    #expect(difference.contains("is the first to differ"))
    #expect(difference.contains("receives #0"))
    func trajectory(_ plan: Plan) throws -> Recorder.Entry? {
      try runner.run(0, of: plan).entries.first { $0.metric == "trajectory" }
    }
    #expect(try trajectory(plan) != nil)
    #expect(try trajectory(plan) == trajectory(plan))
    #expect(try trajectory(plan) != trajectory(slower))
  }

  @Test func `an experiment without a trace lists no events`() throws {
    let plan = try ManifestLoader(experiments: AllExperiments.types.map { $0.description }).plan(
      text: """
        fleetlab: 1
        title: No events
        question: Are there none?
        experiment: simulator-validation
        parameters: {samples: 20}
        """, path: "trial.yaml", size: .smoke)
    #expect(try runner.events(of: 0, of: plan) == nil)
  }
}
