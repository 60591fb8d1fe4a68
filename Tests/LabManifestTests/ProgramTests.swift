// Programs from outside as arms of a manifest.

import LabCore
import LabManifest
import Testing

@Suite struct ProgramTests {
  private static let programs =
    "programs: {mine: {command: [python3, mine.py, ''], text: A heap, setup: make mine}}"

  @Test func `a program is an arm like any other`() throws {
    let plan = try Example.plan(Example.transport(Self.programs))
    #expect(
      plan.manifest.programs == [
        ProgramDescription(
          arm: "mine", command: ["python3", "mine.py", ""], text: "A heap", setup: "make mine")
      ])
    #expect(plan.manifest.arms == ["literal", "corrected", "mine"])
    #expect(Set(plan.trials.map(\.arm)) == ["literal", "corrected", "mine"])
    #expect(plan.manifest.program(of: "mine")?.text == "A heap")
    #expect(plan.manifest.program(of: "literal") == nil)
    #expect(plan.manifest.experiment.arms.last == ArmDescription("mine", "A heap"))
  }

  @Test func `it may be judged, compared with and named as a control`() throws {
    let plan = try Example.plan(
      Example.transport(
        """
        \(Self.programs)
        arms: [literal, mine]
        criteria:
          - {id: a, text: x, metric: events_parsed, arm: mine, bar: '== 1 times literal',
             control: {text: y, arm: corrected, set: {events: 3}}}
          - {id: b, text: x, metric: events_parsed, arm: literal, bar: '>= 2',
             control: {text: y, arm: mine}}
        """))
    #expect(plan.manifest.criteria.map(\.bar) == [.equalsTimes(1, arm: "literal"), .atLeast(2)])
    #expect(plan.manifest.criteria[1].control.arm == "mine")
  }

  @Test func `it changes the digest of the manifest and no cell`() throws {
    let with = try Example.plan(Example.transport(Self.programs + "\narms: [literal]"))
    let without = try Example.plan(Example.transport("arms: [literal]"))
    #expect(with.cells.map(\.id) == without.cells.map(\.id))
    #expect(with.digest != without.digest)
  }

  @Test func `the resolved text gives the same programs`() throws {
    let plan = try Example.plan(Example.transport(Self.programs))
    let again = try Example.loader.plan(
      resolved: plan.resolvedText, path: "trial.yaml", size: .standard)
    #expect(again.manifest.programs == plan.manifest.programs)
    #expect(again.digest == plan.digest)
    #expect(again.trials == plan.trials)
  }

  @Test(arguments: [
    (
      "programs: {literal: {command: [x], text: y}}",
      "7:12: 'literal-transport' has an arm 'literal' of its own; another name was expected; "
        + "rename the program"
    ),
    (
      "programs: {Mine: {command: [x], text: y}}",
      "7:12: 'Mine' is not a name in kebab case; up to 80 lower-case letters, digits and hyphens "
        + "were expected, a letter first; rename the program"
    ),
    (
      "programs: {}",
      "7:11: no program is named; at least one was expected; add one or remove 'programs'"
    ),
    (
      "programs: {mine: {command: [], text: y}}",
      "7:28: the command has 0 words; a program and its arguments were expected, at most 100 "
        + "words; write it like '[python3, mine.py]'"
    ),
    (
      "programs: {mine: {command: [x]}}",
      "7:18: the key 'text' is missing; it is required here; add 'text: …'"
    ),
    (
      "programs: {mine: {command: [x], text: y, setpu: z}}",
      "7:42: unknown key 'setpu'; did you mean 'setup'?"
    ),
    (
      "programs: {mine: {command: [x], text: y}}\narms: [mien]",
      "8:8: 'literal-transport' has no arm 'mien'; one of its arms was expected; "
        + "did you mean 'mine'?"
    ),
    (
      "programs: {mine: {command: [x], text: y}}\nsizes: {smoke: {programs.mine.text: z}}",
      ""
    ),
  ])
  func `what is wrong with a program is said`(text: String, problem: String) {
    let problems = Example.problems(Example.transport(text))
    #expect(problems == (problem.isEmpty ? [] : [problem]))
    if problem.isEmpty {
      #expect(
        Example.problems(Example.transport(text), size: .smoke) == [
          "8:17: 'programs' is the same at all sizes and runs; another key was expected; remove it"
        ])
    }
  }
}
