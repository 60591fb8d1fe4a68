import Foundation
import LabManifest
import Testing

@Suite struct KeyExplanationTests {
  @Test func `a key is explained by its path or by its name`() throws {
    let loss = try #require(ManifestKeys.explain("network.link.loss"))
    #expect(
      loss == """
        network.link.loss
          The chance that a datagram is lost, or bursts of losses.
          value:   a percentage such as 1%; or a mapping (burst-loss)
          default: 0%
          example: loss: 1%
          keys:    good-to-bad, bad-to-good, loss-good, loss-bad

        """)
    #expect(ManifestKeys.explain("repetitions")?.hasPrefix("repetitions\n") ?? false)
    #expect(ManifestKeys.explain("correlation-time")?.contains("(in drift)") ?? false)
    #expect(ManifestKeys.explain("banana") == nil)
    #expect(ManifestKeys.explain("network.banana") == nil)
    #expect(ManifestKeys.nearestKey(to: "repetitons") == "repetitions")
  }

  @Test func `every key has a sentence, an example, and a section for every mapping`() {
    let names = Set(ManifestKeys.sections.map(\.name))
    #expect(names.count == ManifestKeys.sections.count)
    for section in ManifestKeys.sections {
      #expect(!section.keys.isEmpty, "\(section.name)")
      #expect(Set(section.keys.map(\.name)).count == section.keys.count, "\(section.name)")
      for key in section.keys {
        #expect(key.summary.hasSuffix(".") || key.summary.hasSuffix(")"), "\(key.name)")
        #expect(!key.example.isEmpty, "\(key.name)")
      }
    }
  }

  @Test(arguments: [false, true])
  func `the JSON Schema is JSON whose references lead somewhere`(withExperiments: Bool) throws {
    let text =
      withExperiments ? JSONSchema.text(experiments: Example.loader.experiments) : JSONSchema.text
    let schema = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let definitions = try #require(schema["$defs"] as? [String: Any])
    var references: Set<String> = []
    for match in text.matches(of: /"#\/\$defs\/([a-z-]+)"/) { references.insert(String(match.1)) }
    #expect(references.isSubset(of: definitions.keys))
    #expect(Set(definitions.keys) == Set(ManifestKeys.sections.map(\.name)))
    let manifest = try #require(definitions["manifest"] as? [String: Any])
    #expect(manifest["required"] as? [String] == ["fleetlab", "title", "question"])
    #expect(text.contains("\"literal-transport\", \"queue\"") == withExperiments)
  }

  @Test func `the examples of keys of the whole file load`() throws {
    let skipped: Set<String> = [
      "fleetlab", "id", "experiment", "criteria", "figures", "data", "workload",
    ]
    for key in ManifestKeys.sections[0].keys where !skipped.contains(key.name) {
      var text = Example.transport("")
      for name in ["title", "question", "network"] where name == key.name {
        text = text.split(separator: "\n").filter { !$0.hasPrefix(name + ":") }.joined(
          separator: "\n")
      }
      _ = try Example.plan(text + "\n" + key.example)
    }
  }
}
