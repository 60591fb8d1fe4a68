import LabCore
import LabManifest
import Testing

@Suite struct ManifestTests {
  private func diagnostics(_ text: String, path: String = "trial.yaml") -> [String] {
    Example.problems(text, path: path)
  }

  @Test func `a manifest keeps what it says`() throws {
    let plan = try Example.plan(
      Example.transport(
        """
        tags: [transport, section-3]
        seed: 7
        repetitions: 4
        arms: [corrected]
        limits: {wall: 60s, memory: 1GiB, cells: 10}
        data: [{path: ../data.csv, digest: '\(String(repeating: "a1", count: 32))'}]
        """), path: "Experiments/transport/trial.yaml")
    let manifest = plan.manifest
    #expect(manifest.tags == ["transport", "section-3"])
    #expect(manifest.seed == 7 && manifest.repetitions == 4 && manifest.arms == ["corrected"])
    #expect(
      manifest.limits
        == Manifest.TrialLimits(wall: .seconds(60), memory: ByteCount(1 << 30), cells: 10))
    #expect(manifest.measures == Example.transport.metrics)
    #expect(manifest.path(of: manifest.data[0]) == "Experiments/transport/../data.csv")
  }

  @Test(arguments: [
    (
      "title: x\nfleetlab: 1",
      ["2:1: 'fleetlab' is not the first key; the version was expected first; move it up"]
    ),
    (
      "title: x\nquestion: y",
      [
        "1:1: the file does not say which form of manifests it has; 'fleetlab: 1' was expected as "
          + "its first line; add it"
      ]
    ),
    ("fleetlab: 2", ["1:11: the version is '2'; 1 was expected; write 'fleetlab: 1'"]),
    (
      "fleetlab: 1\nid: Bad Name",
      [
        "2:5: 'Bad Name' is not a name in kebab case; up to 80 lower-case letters, digits and "
          + "hyphens were expected, a letter first; write it like 'literal-transport'"
      ]
    ),
    (
      "fleetlab: 1\nexperiment: quue\ntitle: x\nquestion: y\nrepetitons: 3",
      [
        "2:13: there is no experiment 'quue'; a known experiment was expected; did you mean "
          + "'queue'?",
        "5:1: unknown key 'repetitons'; did you mean 'repetitions'?",
      ]
    ),
    (
      "fleetlab: 1\nexperiment: queue\ntitle: x\nquestion: y\nrepetitons: 3",
      ["5:1: unknown key 'repetitons'; did you mean 'repetitions'?"]
    ),
    (
      "fleetlab: 1\nexperiment: queue",
      [
        "1:1: the key 'title' is missing; it is required here; add 'title: …'",
        "1:1: the key 'question' is missing; it is required here; add 'question: …'",
      ]
    ),
    (
      "- 1",
      [
        "1:1: a list stands here; a mapping was expected; write one with the keys "
          + "'fleetlab', 'id', 'title', 'question', 'experiment', 'tags', 'seed', 'repetitions', "
          + "'precision', 'arms', 'programs', 'parameters', 'network', 'workload', 'sweep', "
          + "'sizes', 'measure', 'criteria', 'figures', 'gate', 'limits', 'data'"
      ]
    ),
  ])
  func `a wrong head is located`(text: String, expected: [String]) {
    #expect(diagnostics(text) == expected)
  }

  @Test func `all problems of a file are reported at once`() {
    #expect(
      diagnostics(
        Example.queue(
          """
          seed: -1
          repetitions: 0
          arms: [only, onyl]
          parameters: {a: 1, d: 2}
          measure: [wating]
          limits: {wall: 0s, memry: 1GiB}
          data: [{path: x, digest: 12}]
          sizes: {smok: {}}
          """)) == [
          "6:7: '-1' is no seed; a whole number from 0 to 18446744073709551615 was expected; write "
            + "one",
          "7:14: '0' is out of range; a whole number from 1 to 1000000 was expected; change it",
          "8:14: 'queue' has no arm 'onyl'; one of its arms was expected; did you mean 'only'?",
          "9:20: unknown key 'd'; known are 'a', 'b', 'c', 'time', 'size', 'law'",
          "10:11: 'queue' has no metric 'wating'; one of its metrics was expected; did you mean "
            + "'waiting'?",
          "11:16: '0s' is out of range; a duration above 0s was expected; change it",
          "11:20: unknown key 'memry'; did you mean 'memory'?",
          "12:26: '12' is no SHA-256 digest; 64 lower-case hexadecimal digits were expected; copy "
            + "what sha256sum prints",
          "13:9: unknown key 'smok'; did you mean 'smoke'?",
        ])
  }

  @Test func `a file name that is no name needs an id`() {
    #expect(
      diagnostics("fleetlab: 1\ntitle: x", path: "My File.yaml") == [
        "1:1: the file name 'My File' is not a name in kebab case and 'id' is missing; lower-case "
          + "letters, digits and hyphens were expected; rename the file or add 'id: …'"
      ])
  }

  @Test func `a check finds the problems of every size`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      Example.queue("sizes: {smoke: {repetitions: 0}, full: {parameters.a: x}}"), to: "trial.yaml")
    #expect {
      _ = try Example.loader.check(path: folder.path("trial.yaml"))
    } throws: { error in
      (error as? ManifestProblems)?.diagnostics.map(\.code) == [
        "manifest.range", "manifest.number",
      ]
    }
    try folder.write(Example.queue("sizes: {smoke: {repetitions: 2}}"), to: "trial.yaml")
    #expect(
      try Example.loader.check(path: folder.path("trial.yaml")).map(\.manifest.size)
        == [.smoke, .standard, .full])
  }
}
