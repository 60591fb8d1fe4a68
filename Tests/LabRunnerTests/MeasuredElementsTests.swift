// Elements of arrays as measured values.

import ArrayFiles
import LabRecord
import Testing

@testable import LabRunner

@Suite struct `Measured elements of an array` {
  @Test func `whole numbers stay whole, and others are numbers`() {
    #expect(
      NPYArray.Elements.int32([1, -2, .max]).measuredValues == [
        .integer(1), .integer(-2), .integer(2_147_483_647),
      ])
    #expect(NPYArray.Elements.int64([.min]).measuredValues == [.integer(.min)])
    #expect(NPYArray.Elements.uint8([0, 255]).measuredValues == [.integer(0), .integer(255)])
    #expect(NPYArray.Elements.float32([0.5]).measuredValues == [.number(0.5)])
    #expect(NPYArray.Elements.float64([2, 3e300]).measuredValues == [.number(2), .number(3e300)])
    #expect(NPYArray.Elements.float64([]).measuredValues == [])
  }

  @Test func `values that are not finite are no measurements`() {
    #expect(NPYArray.Elements.float64([1, .nan]).measuredValues == nil)
    #expect(NPYArray.Elements.float32([-.infinity, 1]).measuredValues == nil)
  }
}
