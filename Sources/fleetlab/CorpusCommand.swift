// fleetlab corpus
import ArgumentParser
import Corpus
import Journal

/// Finds the tests of a source tree.
struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus",
    abstract: "Find the tests in Swift, Python and JavaScript sources, a line of JSON for each.",
    discussion: """
      XCTest, Swift Testing, pytest, unittest, and describe/it/test. Without a folder it reads the \
      packages that the build has fetched.

      EXAMPLES
        fleetlab corpus --out tests.jsonl
        fleetlab corpus ../my-project --unique --out tests.jsonl
      """)

  @Argument(help: "The folder of sources.")
  var folder = TestCorpus.defaultFolder

  @Option(name: .customLong("out"), help: "The file to write or replace; standard output without.")
  var output: String?

  @Flag(help: "Leave out tests whose text an earlier test has.")
  var unique = false

  func run() throws {
    do {
      let bar = CountLine(what: "files read")
      let corpus = try TestCorpus(folder: folder) { bar.show($0, of: $1) }
      bar.end()
      let functions = unique ? corpus.unique : corpus.functions
      let text = String(decoding: TestCorpus.lines(of: functions), as: UTF8.self)
      if let output {
        try AtomicFile.write(text, to: output)
      } else if !functions.isEmpty {
        Console.print(text)
      }
      Console.say(
        "\(functions.count) tests in \(corpus.filesRead) files, "
          + "\(corpus.filesSkipped.count) files passed over, "
          + "SHA-256 \(TestCorpus.digest(of: functions))")
    } catch let error as CorpusError {
      throw Failure(.failed, "\(error)")
    } catch let error as DiskError {
      throw Failure(.failed, "\(error)")
    }
  }
}
