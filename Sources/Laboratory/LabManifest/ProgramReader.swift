// Reading the programs that a manifest names as arms.

/// Reads the `programs` of a manifest.
struct ProgramReader {
  /// The most words of a command.
  static let wordLimit = 100

  let experiment: ExperimentDescription
  let log: ProblemLog

  /// The programs in the order of the file, without those that are wrong, which are reported.
  func programs(_ tree: YAMLTree?) -> [ProgramDescription] {
    guard let tree, let entries = StrictReader(tree, log: log).entries() else { return [] }
    if entries.isEmpty {
      log.report(
        "manifest.empty-list", at: tree.place,
        "no program is named; at least one was expected; add one or remove 'programs'")
    }
    return entries.compactMap { name, place, reader in
      let before = log.count
      check(name, at: place)
      guard let program = program(name, reader), log.count == before else { return nil }
      return program
    }
  }

  private func check(_ name: String, at place: SourcePlace) {
    guard isKebabCase(name) else {
      log.report(
        "manifest.name", at: place,
        "'\(shortened(name))' is not a name in kebab case; up to 80 lower-case letters, digits and "
          + "hyphens were expected, a letter first; rename the program")
      return
    }
    guard !experiment.arms.contains(where: { $0.name == name }) else {
      log.report(
        "manifest.duplicate-name", at: place,
        "'\(experiment.name)' has an arm '\(name)' of its own; another name was expected; "
          + "rename the program")
      return
    }
  }

  private func program(_ name: String, _ reader: StrictReader) -> ProgramDescription? {
    guard let fields = reader.fields(ManifestKeys.program) else { return nil }
    let command = fields.read("command") { self.command($0) }
    let text = fields.read("text") { $0.text() }
    let setup = fields.read("setup") { $0.text() }
    guard let command, let text else { return nil }
    return ProgramDescription(arm: name, command: command, text: text, setup: setup)
  }

  private func command(_ reader: StrictReader) -> [String]? {
    guard let words = reader.list({ self.word($0) }) else { return nil }
    guard (1...Self.wordLimit).contains(words.count), words.first?.isEmpty == false else {
      reader.report(
        "manifest.command",
        "the command has \(words.count) words; a program and its arguments were expected, at most "
          + "\(Self.wordLimit) words; write it like '[python3, mine.py]'")
      return nil
    }
    return words
  }

  /// An argument, which may be empty; no system call can carry a zero byte in one.
  private func word(_ reader: StrictReader) -> String? {
    guard let text = reader.scalar(expected: "a word of the command", example: "mine.py") else {
      return nil
    }
    guard !text.utf8.contains(0) else {
      reader.report(
        "manifest.command", "the word holds a zero byte; a text was expected; remove it")
      return nil
    }
    return text
  }
}
