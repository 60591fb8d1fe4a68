import LabCore
import LabManifest
import Network
import Statistics
import Testing

@Suite struct FileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func plan(_ text: String, checkingData: Bool = false) throws -> Plan {
    try Example.loader.plan(text: text, path: folder.path("trial.yaml"), checkingData: checkingData)
  }

  /// What loading a text reports, with the files' names without their folder.
  private func problems(_ text: String, checkingData: Bool = false) -> [String] {
    do throws(ManifestProblems) {
      _ = try Example.loader.plan(
        text: text, path: folder.path("trial.yaml"), checkingData: checkingData)
      return []
    } catch {
      return error.diagnostics.map { problem in
        let name = problem.path.split(separator: "/").last ?? ""
        return "\(name):\(problem.line):\(problem.column): \(problem.message)"
          .replacing(folder.path("") + "/", with: "")
      }
    }
  }

  private func network(_ network: String) -> String {
    Example.transport("").replacing(
      "network: {nodes: 3, link: {delay: 20ms}}", with: "network: \(network)")
  }

  @Test func `a sweep reads its points from a file`() throws {
    try folder.write("a,time\r\n1,5ms\r\n\"2\",1s\r\n", to: "points.csv")
    let plan = try plan(Example.queue("sweep: {csv: points.csv, grid: {b: [7, 8]}}"))
    #expect(plan.cells.count == 4)
    #expect(plan.cells[1].coordinates.map(\.description) == ["b=7", "a=2", "time=1s"])
    let again = try Example.loader.plan(
      resolved: plan.resolvedText, path: "elsewhere/trial.yaml", size: .standard)
    #expect(again.cells == plan.cells)
    #expect(again.digest == plan.digest)
  }

  @Test func `a trace, a sample and a matrix come from files and survive being frozen`() throws {
    try folder.write("delay\n1.5\n2\n", to: "trace.csv")
    try folder.write("name,wait\nx,3\ny,1\n", to: "sample.csv")
    try folder.write("from,eu,us,asia\neu,,80,200\nus,90,2,100\nasia,1,1,1\n", to: "rtt.csv")
    let plan = try plan(
      network(
        """

          nodes: {eu: 1, us: 2}
          link: {delay: {trace: trace.csv, unit: ms}, loss: 1%}
          matrix: {round-trip: rtt.csv, unit: ms}
        parameters: {service: {law: empirical, csv: sample.csv, column: wait, unit: ms}}
        """))
    let cell = try #require(plan.cells.first)
    let loss = LossModel.bernoulli(.percent(1))
    #expect(
      cell.settings.network?.link.delay
        == .trace([Duration(nanoseconds: 1_500_000), .milliseconds(2)]))
    #expect(
      cell.settings.parameters["service"]
        == .law(.empirical(try SortedSample([0.001, 0.003]))))
    func link(_ from: String, _ to: String, _ milliseconds: Int64) -> LinkOverride {
      let model = LinkModel(delay: .constant(.milliseconds(milliseconds)), loss: loss)
      return LinkOverride(from: from, to: to, bothWays: false, link: model)
    }
    #expect(
      cell.settings.network?.overrides == [
        link("eu", "us", 40), link("us", "eu", 45), link("us", "us", 1),
      ])
    let again = try Example.loader.plan(
      resolved: plan.resolvedText, path: "elsewhere/trial.yaml", size: .standard)
    #expect(again.cells == plan.cells)
  }

  @Test func `a swept law and a control may name files too`() throws {
    try folder.write("v\n1ms\n2ms\n", to: "one.csv")
    let plan = try plan(
      Example.queue(
        """
        sweep: {grid: {law: [5ms, {law: empirical, csv: one.csv}]}}
        criteria: [{id: c, text: c, metric: waiting, bar: <= 1s,
          control: {text: other, set: {law: {law: empirical, csv: one.csv, column: v}}}}]
        """))
    let sample = Law.empirical(try SortedSample([0.001, 0.002]))
    #expect(
      plan.cells.map { $0.settings.parameters["law"] } == [
        .law(.constant(0.005)), .law(sample), .law(sample),
      ])
  }

  @Test(arguments: [
    (
      "delay\n1\n", "{nodes: 2, link: {delay: {trace: none.csv}}}",
      ["trial.yaml:6:43: there is no file 'none.csv'; a readable file was expected; check the path"]
    ),
    (
      "delay,other\n1,2\n", "{nodes: 2, link: {delay: {trace: t.csv, column: dely, unit: ms}}}",
      [
        "trial.yaml:6:58: the table has no column 'dely'; one of its columns was expected; did you "
          + "mean 'delay'?"
      ]
    ),
    (
      "delay,other\n1,2\n", "{nodes: 2, link: {delay: {trace: t.csv, unit: ms}}}",
      [
        "trial.yaml:6:43: the table has the columns 'delay', 'other' and none is chosen; a name "
          + "was expected; add 'column: delay'"
      ]
    ),
    (
      "delay\n1\nx\n", "{nodes: 2, link: {delay: {trace: t.csv, unit: ms}}}",
      [
        "t.csv:3:1: 'x' is not a number without a unit; one was expected because the manifest says "
          + "'unit: ms'; mend it or remove 'unit'"
      ]
    ),
    (
      "delay\n1\n", "{nodes: 2, link: {delay: {trace: t.csv}}}",
      [
        "t.csv:2:1: '1' has no unit; a duration with one of the units h, min, s, ms, us, ns was "
          + "expected; write it like '1ms'"
      ]
    ),
    (
      "delay\n-1ms\n", "{nodes: 2, link: {delay: {trace: t.csv}}}",
      ["t.csv:2:1: '-1ms' is negative; a duration of at least 0s was expected; remove the sign"]
    ),
    (
      "a,b\n1\n", "{nodes: 2, link: {delay: {trace: t.csv, column: a}}}",
      [
        "t.csv:2:1: the line has 1 cells; 2 were expected as in the first line; mend it"
      ]
    ),
    (
      "a\n", "{nodes: 2, link: {delay: {trace: t.csv}}}",
      [
        "t.csv:1:1: the table has 1 lines; a line of names and at least one row were expected; add "
          + "them"
      ]
    ),
    (
      "a\n\"x\n", "{nodes: 2, link: {delay: {trace: t.csv}}}",
      [
        "t.csv:2:1: a quotation mark has no partner or text follows it; pairs were expected; close "
          + "it or write it twice"
      ]
    ),
    (
      ",eu\neu,1\n", "{nodes: {eu: 1, us: 1}, matrix: {one-way: t.csv, unit: ms}}",
      [
        "trial.yaml:6:52: the table has no column 'us'; one for each region of the network was "
          + "expected; add it, or did you mean one of 'eu'?",
        "trial.yaml:6:52: the table has no row 'us'; one for each region of the network was "
          + "expected; add it, or did you mean one of 'eu'?",
      ]
    ),
    (
      ",eu,us\neu,1,-5\nus,,1\n", "{nodes: {eu: 1, us: 1}, matrix: {one-way: t.csv, unit: ms}}",
      [
        "t.csv:2:6: '-5ms' is negative; a duration of at least 0s was expected; remove the sign",
        "t.csv:3:4: '' is not a number; a duration was expected; write it like '20ms'",
      ]
    ),
  ])
  func `a wrong file is located`(table: String, network text: String, expected: [String]) throws {
    try folder.write(table, to: "t.csv")
    #expect(problems(network(text)) == expected)
  }

  @Test func `a file of points with a missing or unknown column is located`() throws {
    try folder.write("a,tme\n1,5ms\n", to: "points.csv")
    #expect(
      problems(Example.queue("sweep: {csv: points.csv}")) == [
        "points.csv:1:3: there is no parameter 'tme'; a parameter of 'queue' or a path such as "
          + "'network.link.loss' was expected; did you mean 'time'?"
      ])
    try folder.write("a,a\n1,2\n", to: "points.csv")
    #expect(
      problems(Example.queue("sweep: {csv: points.csv}")) == [
        "points.csv:1:3: the column 'a' stands twice; each once was expected; remove one"
      ])
  }

  @Test func `data files are checked by their digest when asked for`() throws {
    try folder.write("abc", to: "data/one.txt")
    let right = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    func text(_ path: String, _ digest: String) -> String {
      Example.queue("data: [{path: \(path), digest: \(digest)}]")
    }
    #expect(problems(text("data/one.txt", right), checkingData: true) == [])
    let wrong = String(repeating: "0", count: 64)
    #expect(problems(text("data/one.txt", wrong)) == [])
    #expect(
      problems(text("data/one.txt", wrong), checkingData: true) == [
        "trial.yaml:6:15: 'data/one.txt' has the digest \(right); \(wrong) was expected; restore "
          + "the file, or write the new digest if it is meant to differ"
      ])
    #expect(
      problems(text("data/two.txt", right), checkingData: true) == [
        "trial.yaml:6:15: there is no file 'data/two.txt'; a readable file was expected; check the "
          + "path"
      ])
  }

  @Test func `the manifests of a folder are found by what they hold`() throws {
    let head = "fleetlab: 1\nquestion: y\ntitle: "
    try folder.write(head + "One", to: "E/family/one.yaml")
    try folder.write(head + "Two\ntags: [t]\nexperiment: queue", to: "E/other/two.yaml")
    try folder.write("fleetlab: 1\nfigures: []", to: "E/family/figures.yaml")
    try folder.write("fleetlab: 1\nclaims: []", to: "E/claims.yaml")
    try folder.write(head + "Hidden", to: "E/.git/x.yaml")
    try folder.write("notes", to: "E/family/notes.md")
    let entries = try ManifestFolder.entries(in: folder.path("E"))
    #expect(entries.map(\.id) == ["one", "two"])
    #expect(entries.map(\.family) == ["family", "other"])
    #expect(entries.map(\.experiment) == ["one", "queue"])
    #expect(entries[1].title == "Two" && entries[1].tags == ["t"])
    #expect(
      try Example.loader.manifests(below: [folder.path("E"), folder.path("E/other/two.yaml")])
        == [folder.path("E/family/one.yaml"), folder.path("E/other/two.yaml")])
    #expect(throws: ManifestProblems.self) {
      try Example.loader.manifests(below: [folder.path("nowhere")])
    }
  }

  @Test func `two manifests of one name are reported with both places`() throws {
    let head = "fleetlab: 1\nquestion: y\ntitle: x\n"
    try folder.write(head, to: "E/a/one.yaml")
    try folder.write(head + "id: one", to: "E/b/two.yaml")
    for load in [
      { _ = try ManifestFolder.entries(in: folder.path("E")) },
      { _ = try Example.loader.manifests(below: [folder.path("E")]) },
    ] {
      #expect {
        try load()
      } throws: { error in
        "\(error)"
          == "\(folder.path("E/b/two.yaml")):4:5: error: the manifest 'one' is at "
          + "\(folder.path("E/a/one.yaml")):1:1 already; names that differ were expected; rename "
          + "one"
      }
    }
  }

  @Test
  func `a broken manifest of a folder is reported by a list and left to its loader otherwise`()
    throws
  {
    try folder.write("a: [", to: "E/a/one.yaml")
    #expect(throws: ManifestProblems.self) { try ManifestFolder.entries(in: folder.path("E")) }
    #expect(
      try Example.loader.manifests(below: [folder.path("E")]) == [folder.path("E/a/one.yaml")])
  }
}

extension Cell.Coordinate {
  fileprivate var description: String { "\(key)=\(value)" }
}
