// Tiny programs from outside, as shell scripts.

import Foundation
import Testing

/// A script that serves as an arm, in the folder of a bench.
struct OutsideScript {
  /// A greeting as it must be.
  static let greeting = #"{"fleetlab":1,"name":"fixture","version":"1.0","capabilities":[]}"#
  /// Values for every metric that the fixture measures where an arm is a program.
  static let metrics =
    #""metrics":{"share":0.5,"events":3,"trajectory":"00000000000000ff","curve":[1,2.5,4]}"#

  /// The path of the script.
  let path: String

  /// Writes a script.
  ///
  /// - Parameters:
  ///   - folder: Where it lies, and where `$folder` leads it.
  ///   - hello: What it does when it is greeted.
  ///   - answer: What it does for each request, whose number is `$trial` and whose text is `$line`.
  init(
    in folder: String, hello: String = "echo '\(greeting)'", answer: String = Self.well
  ) throws {
    path = "\(folder)/program.sh"
    let text = """
      folder='\(folder)'
      read -r greeting
      \(hello)
      while read -r line; do
        case $line in '{"end"'*) exit 0 ;; esac
        trial=${line##*'"trial":'}
        trial=${trial%%\\}*}
        \(answer)
      done
      """
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  /// The answer of a program that does what it must.
  static let well = says(#"\"work\":1,"# + metrics.replacing("\"", with: "\\\""))

  /// Prints an answer for the request's own trial.
  static func says(_ members: String) -> String { "echo \"{\\\"trial\\\":$trial,\(members)}\"" }

  /// The text of a plan in which the script is the right arm.
  func plan(_ cells: String = "well", repetitions: Int = 1, limits: String = "20000 512") -> String
  {
    "\(cells) \(repetitions) \(limits) right=sh,\(path)"
  }
}
