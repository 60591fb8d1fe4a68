// Dates as histories write them.

/// Turns dates such as `2020-07-24 04:45:01.571` into seconds.
enum CivilTime {
  /// Whole seconds since 1970 of a date without a zone, which is taken as it stands, or nothing
  /// where the text is no date.
  ///
  /// Hours and minutes may follow the day behind a space or a `T`, and seconds behind them; what
  /// follows is passed over. Only differences of such dates count, so that the zone does not
  /// matter.
  static func seconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8.prefix(19))
    func number(_ range: Range<Int>) -> Int64? {
      guard range.upperBound <= bytes.count else { return nil }
      var number: Int64 = 0
      for byte in bytes[range] {
        guard byte >= 48, byte <= 57 else { return nil }
        number = 10 * number + Int64(byte - 48)
      }
      return number
    }
    guard bytes.count >= 10, bytes[4] == 45, bytes[7] == 45, let year = number(0..<4),
      let month = number(5..<7), let day = number(8..<10), (1...12).contains(month),
      (1...31).contains(day)
    else { return nil }
    let hour = number(11..<13) ?? 0
    let minute = number(14..<16) ?? 0
    let second = number(17..<19) ?? 0
    return 86_400 * days(year, month, day) + 3_600 * hour + 60 * minute + second
  }

  /// Days since 1970 in the Gregorian calendar, counted in years that begin in March.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let (march, years) = month > 2 ? (month - 3, year) : (month + 9, year - 1)
    let leapDays = years / 4 - years / 100 + years / 400
    return 365 * years + leapDays + (153 * march + 2) / 5 + day - 1 - 719_468
  }
}
