import LabCore
import LabManifest
import LabRecord
import LabRunner
import Testing
import Transport

@testable import Experiments

/// Requests on loopback, one test at a time.
@Suite(.serialized) struct `Loopback requests` {
  private let runner = InlineRunner(experiments: ExperimentRegistry(AllExperiments.types))

  private func plan(_ parameters: String) throws -> Plan {
    try ManifestLoader(experiments: AllExperiments.types.map { $0.description }).plan(
      text: """
        fleetlab: 1
        title: Requests on loopback
        question: How many are answered?
        experiment: loopback-requests
        parameters: {\(parameters)}
        """, path: "trial.yaml", size: .smoke)
  }

  @Test func `are answered in every arm`() throws {
    let plan = try plan("exchanges: 300, in-flight: 7, message-bytes: 3000")
    #expect(plan.trials.count == 4)
    for trial in plan.trials.indices {
      let outcome = try runner.run(trial, of: plan)
      #expect(outcome.error == nil)
      let speed = outcome.entries.first { $0.metric == "exchanges_per_second" }?.value
      guard case .number(let value)? = speed else {
        Issue.record("no speed was recorded")
        return
      }
      #expect(value > 0)
    }
  }

  @Test func `are as many as asked for, and more where they are handicapped`() throws {
    #expect(LoopbackRequests.made(200, handicap: 0) == 200)
    #expect(LoopbackRequests.made(200, handicap: 99) == 20_000)
    #expect(LoopbackRequests.made(3, handicap: 0.5) == 5)
    #expect(LoopbackRequests.made(200, handicap: -0.8) == 40)
    #expect(LoopbackRequests.made(2, handicap: -0.99) == 1)
  }

  @Test func `follow one another until all are answered`() {
    var requests = RepeatedRequests(count: 3, bytes: 100)
    var commands = [requests.next(), requests.next()].compactMap { $0 }
    #expect(commands.count == 2 && !requests.isOver)
    let (third, silence) = requests.take(.responded(number: 0))
    commands += [third].compactMap { $0 }
    #expect(commands.count == 3 && silence == nil)
    let failed = requests.take(.failed(number: 1, reason: .reset))
    #expect(failed.command == nil && failed.report == .failed(number: 1, reason: .reset))
    #expect(requests.take(.responded(number: 1)).report == nil)
    #expect(requests.take(.responded(number: 2)).report == .responded(number: 2))
    #expect(requests.isOver && requests.next() == nil)
  }

  @Test func `wait for a stream where more are asked for than the server allows`() throws {
    let limit = QUICConfiguration(applicationProtocol: "exchange/1").maximumStreams
    let count = limit + 50
    var conversation = try QUICConversation(count: count, bytes: 16, patience: .seconds(60))
    try conversation.run(inFlight: count, patience: .seconds(60))
  }
}
