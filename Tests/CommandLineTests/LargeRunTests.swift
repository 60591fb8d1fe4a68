// Runs that are continued, cut into parts and tidied up, seen from the shell.

import Glibc
import LabCore
import Testing

@testable import LabRunner

@Suite struct `Large run` {
  @Test func `only new trials run when the record keeps the others`() throws {
    let desk = try Desk()
    let path = try desk.ask("quick")
    #expect(try desk.call("run", path).code == 0)
    let before = try desk.read("results/quick/measurements.csv")
    let run = try desk.call("run", path, "--rerun", "none")
    #expect(run.code == 0)
    #expect(run.errors.contains("2 trials taken over from quick-"), "\(run.errors)")
    #expect(try desk.read("results/quick/measurements.csv") == before)
    #expect(try desk.read("results/quick/run.json").contains("\"taken_over\" : {"))
    let other = try desk.call("run", path, "--rerun", "failed", "--seed", "9")
    #expect(other.code == 2)
    #expect(other.errors.contains("the seed was 1 and is 9"), "\(other.errors)")
    #expect(try desk.call("run", path, "--rerun", "sometimes").code == 64)
  }

  @Test func `shards are merged into the record of one run, and pruned`() throws {
    let desk = try Desk()
    let path = try desk.ask("quick")
    #expect(try desk.call("run", path).code == 0)
    let whole = try desk.read("results/quick/measurements.csv")
    let shards = "\(desk.results)/.shards/quick"
    #expect(try desk.call("run", path, "--shard", "1/2").code == 0)
    let lacking = try Desk.call(["merge", "\(shards)/1-of-2", "--results", desk.results])
    #expect(lacking.code == 2)
    #expect(lacking.errors.contains("shard 2/2 is missing"), "\(lacking.errors)")
    #expect(try desk.call("run", path, "--shard", "2/2").code == 0)
    let merged = try Desk.call(
      ["merge", "\(shards)/1-of-2", "\(shards)/2-of-2", "--results", desk.results])
    #expect(merged.code == 0 && merged.output.isEmpty, "\(merged.errors)")
    #expect(try desk.read("results/quick/measurements.csv") == whole)
    let dry = try Desk.call(
      ["prune", "--dry-run", "--format", "csv", "--results", desk.results])
    #expect(dry.code == 0)
    #expect(dry.output.hasPrefix("folder,reason,bytes\n\(shards)/1-of-2,merged,"))
    #expect(dry.errors.hasPrefix("2 folders with "))
    #expect(FolderTree.names(in: shards).count == 2)
    #expect(try Desk.call(["prune", "--results", desk.results]).code == 0)
    #expect(FolderTree.names(in: shards).isEmpty)
    #expect(try desk.read("results/quick/measurements.csv") == whole)
    #expect(try desk.call("run", path, "--shard", "3/2").code == 64)
  }

  @Test func `a record of a newer program is kept, and the text names that program`() throws {
    let desk = try Desk()
    let path = try desk.ask("quick")
    #expect(try desk.call("run", path).code == 0)
    let newer = try desk.read("results/quick/run.json")
      .replacing("\"format\" : 1", with: "\"format\" : 3")
      .replacing("\"program\" : \"0.1.0\"", with: "\"program\" : \"0.9.0\"")
    _ = try desk.write(newer, to: "results/quick/run.json")
    for verb in ["run", "criteria"] {
      let ending = try verb == "run" ? desk.call(verb, path) : desk.call(verb)
      #expect(ending.code == 2)
      #expect(ending.errors.contains("fleetlab 0.9.0 wrote it"), "\(ending.errors)")
    }
    #expect(try desk.read("results/quick/run.json") == newer)
  }
}
