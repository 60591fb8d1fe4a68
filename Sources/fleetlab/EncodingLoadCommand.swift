// fleetlab encoding-load
import ArgumentParser
import Experiments

/// Times the encoder on texts of asked lengths; Experiments/peers/vec compares it with its peer.
struct EncodingLoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encoding-load",
    abstract: "Time the encoder: lines TOKENS REPETITIONS in, processor seconds a text out.",
    shouldDisplay: false)

  @OptionGroup var encoder: EncoderOptions

  func run() throws {
    let load = EncodingLoad(try encoder.makeMiniLM())
    while let line = readLine() {
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      guard numbers.count == 2, (2...256).contains(numbers[0]), numbers[1] >= 1 else {
        throw ValidationError(
          "the line '\(line)' asks for nothing; 2 to 256 tokens and at least 1 repetition were "
            + "expected")
      }
      Console.print("\(load.secondsPerText(tokens: numbers[0], repetitions: numbers[1]))")
    }
  }
}
