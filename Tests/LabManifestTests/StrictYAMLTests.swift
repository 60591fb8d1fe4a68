import LabManifest
import Testing

@Suite struct StrictYAMLTests {
  private func problems(_ text: String) -> [String] {
    do throws(ManifestProblems) {
      _ = try StrictYAML.tree(of: text, path: "x.yaml")
      return []
    } catch { return error.diagnostics.map { "\($0.line):\($0.column) \($0.code)" } }
  }

  private func message(_ text: String) -> String? {
    do throws(ManifestProblems) {
      _ = try StrictYAML.tree(of: text, path: "x.yaml")
      return nil
    } catch { return error.diagnostics.first.map(\.description) }
  }

  @Test(arguments: [
    ("a: &x 1\nb: *x\n", ["1:4 manifest.anchor", "2:4 manifest.alias"]),
    ("a: !int 1\n", ["1:4 manifest.tag"]),
    ("a: [1, !!str 2, &y 3]\n", ["1:8 manifest.tag", "1:17 manifest.anchor"]),
    ("<<: {a: 1}\n", ["1:1 manifest.merge-key"]),
    ("%YAML 1.1\n---\na: 1\n", ["1:1 manifest.yaml-directive"]),
    ("a: 1\n---\nb: 2\n", ["2:1 manifest.documents"]),
    ("\ta: 1\n", ["1:1 manifest.tab"]),
    ("? [a, b]\n: 1\n", ["1:3 manifest.key"]),
    ("a: [1, 2\n", ["2:1 manifest.yaml"]),
    ("", ["1:1 manifest.empty"]),
    ("# nothing\n", ["1:1 manifest.empty"]),
    ("a: 1\nb: 2\na: 3\n", ["3:1 manifest.duplicate-key"]),
    (
      "a: {b: 1, c: 2, b: 3}\nd: 1\nd: 2\n",
      ["1:17 manifest.duplicate-key", "3:1 manifest.duplicate-key"]
    ),
    ("a: 1\na: 2\na: 3\n", ["2:1 manifest.duplicate-key", "3:1 manifest.duplicate-key"]),
    ("- \"q\": 1\n  \"q\": 2\n", ["1:3 manifest.duplicate-key"]),
  ])
  func `what the profile forbids is reported with its place`(text: String, expected: [String]) {
    #expect(problems(text) == expected)
  }

  @Test func `a repeated key is reported with both lines`() {
    #expect(
      message("a: 1\nb: 2\na: 3\n")
        == "x.yaml:3:1: error: duplicate key 'a', line 1 has it already; each key once in a "
        + "mapping was expected; remove one of them")
  }

  @Test func `broken YAML is reported with the words of the parser`() {
    #expect(message("a: b: c\n")?.hasPrefix("x.yaml:1:5: error: this is not YAML (") ?? false)
  }

  @Test(arguments: [
    "a: |\n  * item\n  & more\n  !x\nb: 1\n",
    "a:\n  - |\n    *x\n  - >-\n    &y\n",
    "a: 'it''s *x'\nb: \"&y \\\" !z\"\n",
    "a: one\n  *two*\n  &three\nb: 2\n",
    "a: x # *comment\n# &comment\nb: 2\n",
    "a: 5 * 3 & 2 ! x\n",
    "a: [x*y, b&c, \"*d\"]\n",
    "a: {b: [1,\n  2], c: 'x\n  *y'}\n",
    "---\na: 1\n",
    "a: >-\n  one\n\n  *two\nb: {c: d}\n",
    "url: http://x/y#z\nt: 10:20\n",
    "a:\n- b: |\n   *x\n  c: 2\n",
  ])
  func `plain YAML with unusual characters is accepted`(text: String) {
    #expect(problems(text) == [])
  }

  @Test func `nesting is bounded whether by brackets or by blocks`() {
    let brackets = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    #expect(problems(brackets) == ["1:33 manifest.depth"])
    #expect(problems(String(repeating: "- ", count: 40) + "a\n") == ["1:67 manifest.depth"])
    #expect(problems(String(repeating: "[", count: 900_000)).count == 1)
    #expect(problems(String(repeating: "- ", count: 500_000)).count == 1)
  }

  @Test func `a text above one mebibyte is refused`() {
    #expect(problems("# " + String(repeating: "x", count: 1 << 20)) == ["1:1 manifest.too-large"])
  }

  @Test func `exponential aliases are refused before they are expanded`() {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    text += "? *a60\n: 1\n"
    #expect(problems(text).count == 100)
  }

  @Test func `no scalar gets a type`() throws {
    let tree = try StrictYAML.tree(of: "a: no\nb: 1.10\nc: ~\nd: 0x1F\ne: 2020-01-01\n", path: "x")
    #expect(tree.entries?.compactMap(\.value.text) == ["no", "1.10", "~", "0x1F", "2020-01-01"])
  }

  @Test func `a tree written as JSON reads back the same`() throws {
    let text = "a: [1, 'two\\n', \"q\\\"\\\\ \\t é \\u0001\"]\nb: {c: '', d: [], e: {}}\n"
    let tree = try StrictYAML.tree(of: text, path: "x")
    let compact = try StrictYAML.tree(of: tree.json(), path: "x")
    let indented = try StrictYAML.tree(of: tree.json(indentation: 2), path: "x")
    #expect(compact.json() == tree.json())
    #expect(indented.json() == tree.json())
    #expect(tree.json() == #"{"a":["1","two\\n","q\"\\ \t é \u0001"],"b":{"c":"","d":[],"e":{}}}"#)
  }

  @Test func `a file that is missing, not UTF-8 or a folder is a located error`() throws {
    let folder = try TemporaryFolder()
    try folder.write([0x61, 0xff], to: "bad.yaml")
    for (name, code) in [
      ("none.yaml", "manifest.missing-file"), ("bad.yaml", "manifest.encoding"),
      ("", "manifest.unreadable-file"),
    ] {
      #expect {
        _ = try StrictYAML.tree(ofFile: folder.path(name))
      } throws: { error in
        (error as? ManifestProblems)?.diagnostics.map(\.code) == [code]
      }
    }
  }

  @Test func `a reader outside the room can read its own file`() throws {
    let sum = try StrictYAML.read("figures: [{key: a, value: 2}, {key: b, value: 3}]", path: "x") {
      reader -> Double? in
      guard let fields = reader.fields(["figures"], required: ["figures"]) else { return nil }
      return fields.read("figures") {
        $0.list { item -> Double? in
          item.fields(["key", "value"], required: ["key", "value"])?.read("value") { $0.number() }
        }
      }?.reduce(0, +)
    }
    #expect(sum == 5)
    #expect(throws: ManifestProblems.self) {
      try StrictYAML.read("a: x", path: "x") { $0.fields(["a"])?.read("a") { $0.number() } }
    }
  }
}
