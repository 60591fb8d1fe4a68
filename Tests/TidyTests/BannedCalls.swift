// What cores never call: clocks, global randomness, output, tasks of their own and sleep.

/// The calls that would make a run depend on more than its seed.
enum BannedCalls {
  /// A group of calls with what to use in their place.
  struct Group: Sendable {
    let expected: String
    /// Each as the tokens that follow one another.
    let calls: [String]
  }

  static let clocks = Group(
    expected: "the time that the world hands in",
    calls: [
      "Date ( )", "Date ( timeIntervalSinceNow", "Date . now", "ContinuousClock", "SuspendingClock",
      "DispatchTime",
      "DispatchWallTime", "clock_gettime", "gettimeofday", "time ( nil", "CFAbsoluteTimeGetCurrent",
      "mach_absolute_time", "systemUptime",
    ])
  static let randomness = Group(
    expected: "the random stream that the world hands in, or a StableHasher",
    calls: [
      "SystemRandomNumberGenerator", "arc4random", "arc4random_uniform", "drand48", "srand48",
      "rand (", "random ( )", "Hasher (", ". hashValue", "UUID (",
    ])
  static let output = Group(
    expected: "a value that the caller may print",
    calls: ["print (", "debugPrint (", "dump ("])
  static let tasks = Group(
    expected: "no task of its own; worlds and runners own the tasks",
    calls: ["Task {", "Task (", "Task <", "Task . detached", "Thread ("])
  static let sleeps = Group(
    expected: "a timer of the world",
    calls: ["sleep (", "usleep (", "nanosleep ("])

  static let inCores = [clocks, randomness, output, tasks, sleeps]
  static let inTests = [clocks, sleeps]

  /// Where nothing of this may be called: what runs under the virtual clock.
  static let coreFolders = [
    "Sources/Subjects/", "Sources/Ground/LabCore/", "Sources/Ground/Network/",
    "Sources/Worlds/Simulation/",
  ]
  /// The tests whose matter is real time: sockets, worker processes, the command line, and the
  /// programs that tests start.
  static let realTimeTests = [
    "Tests/SocketsTests/", "Tests/EmulationTests/", "Tests/LabRunnerTests/",
    "Tests/CommandLineTests/", "Tests/Fixtures/",
  ]

  /// The banned calls in a file.
  static func findings(in file: SwiftText, _ groups: [Group]) -> [Finding] {
    let plain = groups.flatMap { group in
      group.calls.flatMap { call in
        places(of: call.split(separator: " "), in: file.tokens).map { line in
          let what = "'\(call.replacing(" ", with: ""))' is used"
          return Finding(file.path, line, what, expected: group.expected)
        }
      }
    }
    let bansRandomness = groups.contains { $0.expected == randomness.expected }
    return plain + (bansRandomness ? unseeded(in: file) : [])
  }

  /// Draws that leave out the generator: `.random(in:)`, `.shuffled()` and others without `using:`.
  private static func unseeded(in file: SwiftText) -> [Finding] {
    let draws: Set<Substring> = ["random", "shuffled", "shuffle", "randomElement"]
    let tokens = file.tokens
    return tokens.indices.dropFirst().dropLast().compactMap { index in
      guard draws.contains(tokens[index].text), tokens[index - 1].text == ".",
        tokens[index + 1].text == "("
      else { return nil }
      let arguments = tokens[(index + 2)...].outerPrefix(upToClosing: ")")
      let isOfRange = tokens[index].text == "random" && arguments.first?.text == "in"
      let isSeeded = arguments.contains { $0.text == "using" }
      guard arguments.isEmpty || isOfRange, !isSeeded else { return nil }
      let what = "'.\(tokens[index].text)' draws without 'using:'"
      return Finding(file.path, tokens[index].line, what, expected: randomness.expected)
    }
  }

  /// The lines where the tokens follow one another, not as a member of something else nor as the
  /// name of a function that is declared.
  private static func places(of call: [Substring], in tokens: [SwiftText.Token]) -> [Int] {
    guard let first = call.first else { return [] }
    return tokens.indices.compactMap { index in
      guard tokens[index].text == first, index + call.count <= tokens.count,
        tokens[index..<(index + call.count)].lazy.map(\.text).elementsEqual(call)
      else { return nil }
      let before = index > 0 ? tokens[index - 1].text : ""
      let beforeThat = index > 1 ? tokens[index - 2].text : ""
      let isModule = ["Swift", "Foundation", "Glibc", "Dispatch"].contains(beforeThat)
      let isMember = before == "." && !isModule && !first.hasPrefix("sleep")
      return isMember || before == "func" ? nil : tokens[index].line
    }
  }
}

extension RandomAccessCollection where Element == SwiftText.Token {
  /// The tokens before the sign that closes what was opened before them, without those in brackets
  /// of their own.
  func outerPrefix(upToClosing sign: Substring) -> [Element] {
    var depth = 0
    var found: [Element] = []
    for token in self {
      if depth == 0 && token.text == sign { break }
      if [")", "]", "}"].contains(token.text) { depth -= 1 }
      if depth == 0 { found.append(token) }
      if ["(", "[", "{"].contains(token.text) { depth += 1 }
    }
    return found
  }
}
