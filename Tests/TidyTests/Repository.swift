// The files of the checkout: those that git tracks or would track.
import Foundation

/// The checkout that these tests were compiled from.
struct Repository: Sendable {
  /// Why the checkout cannot be read.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// The folder with Package.swift.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The paths of all files from the root, in order; ignored files are not among them.
  let paths: [String]

  /// The Swift files of the product and its tests, taken apart.
  private let swiftTexts: [SwiftText]

  private static let loaded = Result { try Repository() }

  /// The checkout, read once for all tests.
  static func load() throws -> Repository { try loaded.get() }

  private init() throws {
    paths = try Self.listing()
    swiftTexts = try paths.filter { $0.hasSuffix(".swift") }.map {
      SwiftText(path: $0, try Self.text($0))
    }
  }

  /// The text of a file.
  static func text(_ path: String) throws -> String {
    guard let text = try readable(path) else {
      throw Problem(description: "\(path):1: it is not UTF-8; expected text")
    }
    return text
  }

  /// The text of a file, or nothing where it is not text.
  static func readable(_ path: String) throws -> String? {
    let data = try Data(contentsOf: root.appending(path: path))
    return data.contains(0) ? nil : String(data: data, encoding: .utf8)
  }

  /// The Swift files below some folders.
  func swift(under folders: [String] = ["Sources/", "Tests/"]) -> [SwiftText] {
    swiftTexts.filter { file in folders.contains { file.path.hasPrefix($0) } }
  }

  private static func listing() throws -> [String] {
    let git = Process()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments = ["git", "-C", root.path(percentEncoded: false), "ls-files", "-z"]
    git.arguments? += ["--cached", "--others", "--exclude-standard"]
    let output = Pipe()
    git.standardOutput = output
    git.standardInput = FileHandle.nullDevice
    try git.run()
    let listing = try output.fileHandleForReading.readToEnd() ?? Data()
    git.waitUntilExit()
    guard git.terminationStatus == 0 else {
      throw Problem(description: "git ls-files ends with \(git.terminationStatus); expected 0")
    }
    let paths = Set(listing.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    return paths.sorted().filter { path in
      FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }
  }
}
