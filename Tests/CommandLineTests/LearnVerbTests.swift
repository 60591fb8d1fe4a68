// The verbs that let agents learn, seen from the shell.

import Foundation
import LabCore
import Testing

@Suite struct `Verbs of learning` {
  /// A folder of four JUnit documents of five tests, of which one fails in every cycle.
  private func desk() throws -> Desk {
    let desk = try Desk()
    try FileManager.default.createDirectory(
      atPath: "\(desk.path)/reports", withIntermediateDirectories: false)
    for cycle in 0..<4 {
      let cases = (0..<5).map { test in
        "<testcase classname='c' name='t\(test)' time='1.5'>"
          + (test == 3 ? "<failure/>" : "") + "</testcase>"
      }
      _ = try desk.write(
        "<testsuite>\(cases.joined())</testsuite>", to: "reports/\(cycle).xml")
    }
    return desk
  }

  @Test func `a learner is trained, judged, asked and taken up again`() throws {
    let desk = try Desk()
    let (file, other) = ("\(desk.path)/a.learnt", "\(desk.path)/b.learnt")
    func train(_ file: String, _ more: [String] = []) throws -> Desk.Ending {
      try Desk.call(
        [
          "learn", "train", "--algorithm", "ppo", "--environment", "CartPole-v1", "--steps",
          "2048", "--evaluations", "4", "--episodes", "5", "--seed", "9", "--out", file,
        ] + more)
    }
    let whole = try train(file)
    #expect(whole.code == 0, "\(whole.errors)")
    let lines = whole.output.split(separator: "\n")
    #expect(lines.first == "steps mean-return" && lines.count == 6)
    #expect(lines[1].hasPrefix("512 ") && lines[4].hasPrefix("2048 "))
    #expect(whole.errors.contains("512 of 2048 steps, "))
    let again = try train(other)
    #expect(again.output == whole.output)
    #expect(try Data(contentsOf: URL(filePath: file)) == Data(contentsOf: URL(filePath: other)))
    let resumed = try train(file, ["--resume"])
    #expect(resumed.code == 0 && resumed.output.hasSuffix("\(lines[5])\n"))

    let judged = try Desk.call([
      "learn", "evaluate", file, "--environment", "CartPole-v1", "--episodes", "5", "--format",
      "csv",
    ])
    #expect(judged.code == 0, "\(judged.errors)")
    #expect(judged.output.contains("\nppo,5,"))
    let asked = try Desk.call(
      ["learn", "predict", file], input: "[0.01, 0, 0.2, 0]\n[0, 0, -0.2, 0]\n")
    #expect(asked.code == 0, "\(asked.errors)")
    #expect(asked.output.split(separator: "\n").allSatisfy { $0 == "0" || $0 == "1" })
    let wrong = try Desk.call(["learn", "predict", file], input: "[1]\n")
    #expect(wrong.code == 2 && wrong.errors.contains("4 finite numbers was expected"))
    let lame = try Desk.call(["learn", "predict", file], input: "yes\n")
    #expect(lame.code == 2 && lame.errors.contains("<stdin>:1:1: error: 'yes' is no array"))
  }

  @Test func `a learner is told before it learns what cannot be had`() throws {
    let desk = try Desk()
    func train(_ algorithm: String, _ world: String, _ more: [String]) throws -> Desk.Ending {
      try Desk.call(
        [
          "learn", "train", "--algorithm", algorithm, "--environment", world, "--steps", "40",
          "--evaluations", "1", "--episodes", "1",
        ] + more)
    }
    for (algorithm, option) in [
      ("q-learning", "--hidden"), ("sarsa", "--minibatch"), ("a2c", "--exploration"),
      ("ppo", "--random-steps"), ("actor-critic", "--minibatch"),
    ] {
      let ending = try train(
        algorithm, "FrozenLake-v1", [option, option == "--exploration" ? "0.5" : "8"])
      #expect(ending.code == 64)
      #expect(ending.errors.contains("\(option) cannot be set of \(algorithm)"))
    }
    #expect(try train("ppo", "CartPole-v1", ["--minibatch", "0"]).code == 64)
    let idle = try train("sac", "Pendulum-v1", ["--random-steps", "40"])
    #expect(idle.code == 2 && idle.errors.contains("the random steps is 40; fewer than all 40"))
    let figure = try train("sarsa", "FrozenLake-v1", ["--figure", "\(desk.path)/none/curve"])
    #expect(figure.code == 2 && figure.output.isEmpty)
    #expect(figure.errors.contains("/none' is no folder that can be written in"))

    let file = "\(desk.path)/s.learnt"
    #expect(try train("sarsa", "FrozenLake-v1", ["--seed", "5", "--out", file]).code == 0)
    let other = try train("sarsa", "FrozenLake-v1", ["--seed", "6", "--out", file, "--resume"])
    #expect(other.code == 2 && other.errors.contains("began from seed 5 and --seed is 6"))
    #expect(try train("sarsa", "FrozenLake-v1", ["--out", file, "--resume"]).code == 0)
  }

  @Test func `an environment carries out given actions`() throws {
    let desk = try Desk()
    let script = try desk.write(#"{"state": [36], "actions": [0, 1, 2]}"#, to: "walk.json")
    let shown = try Desk.call([
      "learn", "trace", "--environment", "CliffWalking-v1", "--in", script,
    ])
    #expect(shown.code == 0, "\(shown.errors)")
    #expect(shown.output.contains(#""rewards":[-1,-1,-100]"#))
    let bad = try desk.write(#"{"state": [48], "actions": [0]}"#, to: "bad.json")
    let refused = try Desk.call([
      "learn", "trace", "--environment", "CliffWalking-v1", "--in", bad,
    ])
    #expect(refused.code == 2 && refused.errors.contains("no state of CliffWalking-v1"))
  }

  @Test func `an own history is ordered beside heuristics, the same each time`() throws {
    let desk = try desk()
    let arguments = [
      "learn", "prioritise", "\(desk.path)/reports", "--agent", "retecs-tableau", "actor-critic",
      "--seeds", "2", "--format", "csv",
    ]
    let shown = try Desk.call(arguments)
    #expect(shown.code == 0, "\(shown.errors)")
    #expect(shown.errors.contains("20 runs of 5 tests in 4 cycles; 4 runs failed, in 4 cycles"))
    let rows = shown.output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(rows.first?.first == "order")
    #expect(
      rows.dropFirst().map { $0[0] } == [
        "random", "last-failed-first", "failure-rate", "related-failure-rate", "bound",
        "retecs-tableau", "actor-critic",
      ])
    // The failing test stands first of five: 1 - 1/5 + 1/10.
    #expect(rows.first { $0[0] == "bound" }?[1] == "0.9000")
    #expect(try Desk.call(arguments).output == shown.output)
  }

  @Test func `what cannot be read or learnt from is refused with a way out`() throws {
    let desk = try desk()
    let nowhere = try Desk.call(["learn", "prioritise", "\(desk.path)/none.csv"])
    #expect(nowhere.code == 2 && nowhere.errors.contains("there is no such file"))
    let table = try desk.write("Name;Duration;Verdict;Cycle\na;NaN;0;1\n", to: "h.csv")
    let bad = try Desk.call(["learn", "prioritise", table])
    #expect(bad.code == 2 && bad.errors.contains("h.csv:2:3: error: the duration is 'NaN'"))
    let passing = try desk.write("Name;Duration;Verdict;Cycle\na;1;0;1\n", to: "p.csv")
    let dull = try Desk.call(["learn", "prioritise", passing])
    #expect(dull.code == 2 && dull.errors.contains("a failed run at least was expected"))
    let unknown = try Desk.call(["learn", "prioritise", table, "--agent", "nobody"])
    #expect(unknown.code == 64 && unknown.errors.contains("retecs-tableau"))
    #expect(try Desk.call(["learn", "prioritise", table, "--budget", "2"]).code == 64)
  }
}
