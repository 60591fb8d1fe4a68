// Arrays in files as NumPy writes them; the files of the fixtures were written by NumPy 2.4.

import Foundation
import Testing

@testable import ArrayFiles

@Suite struct `Array in a file of NumPy's` {
  private func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).npy")
      .path
  }

  private func read(_ name: String) throws -> NPYArray {
    try NPYArray.read(path(name), limit: 1 << 20)
  }

  @Test func `each type and shape reads as NumPy meant it`() throws {
    #expect(try read("f8") == NPYArray(.float64([0.5, -1.25, 3e300])))
    #expect(
      try read("f4")
        == NPYArray(shape: [3, 2], .float32([1.5, 2.5, -3.5, 4.5, 5.5, 0.1])))
    #expect(try read("i4") == NPYArray(.int32([1, -2, .max])))
    #expect(try read("i8") == NPYArray(shape: [1, 3], .int64([1, -2, .max])))
    #expect(try read("u1") == NPYArray(shape: [16, 16], .uint8(Array(0...255))))
    #expect(try read("empty") == NPYArray(.float64([])))
    #expect(try read("format-2") == NPYArray(.int64([7, 8])))
  }

  @Test(arguments: ["f8", "f4", "i4", "i8", "u1", "empty"])
  func `what is written is what NumPy writes, byte for byte`(name: String) throws {
    let theirs = try ArrayFile.read(path(name), limit: 1 << 20)
    #expect(try read(name).fileBytes == theirs)
  }

  @Test func `a written file reads back as the same array`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "fleetlab-npy-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let place = folder.appending(path: "a.npy").path
    let array = try #require(NPYArray(shape: [2, 2], .float64([1, 2, 3, -0.0])))
    try array.write(to: place)
    #expect(try NPYArray.read(place, limit: 1 << 20) == array)
    let size = array.fileBytes.count
    #expect(throws: ArrayFileError(path: place, problem: .tooLong(bytes: size, limit: 100))) {
      try NPYArray.read(place, limit: 100)
    }
    let irregular = ArrayFileError.Problem.unreadable(reason: "it is no regular file")
    #expect(throws: ArrayFileError(path: folder.path, problem: irregular)) {
      try NPYArray.read(folder.path, limit: 100)
    }
  }

  @Test(arguments: [
    ("fortran", "its order is that of Fortran, not of C"),
    ("big-endian", "its elements are '>f8', not <f4, <f8, <i4, <i8 or |u1"),
    ("cube", "its shape is [2, 2, 2], not one or two dimensions"),
  ])
  func `what NumPy may write and nobody here reads is refused by name`(
    name: String, reason: String
  ) throws {
    let problem = ArrayFileError.Problem.malformed(.array, reason: reason)
    #expect(throws: ArrayFileError(path: path(name), problem: problem)) { try read(name) }
  }

  @Test func `values that are not finite are read as they are`() throws {
    guard case .float64(let numbers) = try read("not-finite").elements else {
      Issue.record("the elements are not of the type float64")
      return
    }
    #expect(numbers.count == 2 && numbers[0] == 1 && numbers[1].isNaN)
  }

  @Test func `every cut and every changed byte of the head is refused or another array`() throws {
    let bytes = try ArrayFile.read(path("f8"), limit: 1 << 20)
    for length in bytes.indices {
      #expect(throws: NPYArray.ArrayProblem.self) {
        try NPYArray(bytes: Array(bytes[..<length]))
      }
    }
    // No byte that is changed may trap; most are refused.
    var refused = 0
    for index in 0..<128 {
      for value in [UInt8(0), 0x20, 0x28, 0x39, 0xff] where bytes[index] != value {
        var changed = bytes
        changed[index] = value
        do { _ = try NPYArray(bytes: changed) } catch { refused += 1 }
      }
    }
    #expect(refused > 250)
  }

  @Test(arguments: [
    "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 2), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
    "{'descr': '<f8', 'fortran_order': False, }",
    "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<f8', 'fortran_order': maybe, 'shape': (1,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } x",
    "__import__('os').system('true')",
  ])
  func `a header that lies is refused`(header: String) {
    let text = Array(header.utf8)
    let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count), 0] + text
    #expect(throws: NPYArray.ArrayProblem.self) {
      try NPYArray(bytes: bytes + [0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
    }
  }
}
