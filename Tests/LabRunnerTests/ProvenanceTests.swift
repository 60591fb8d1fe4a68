// What records keep of machine and code.

import Glibc
import LabCore
import LabRecord
import Testing

@testable import LabRunner

@Suite struct `Provenance` {
  private static let second = "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
  private static let third = "\(second) avx avx2 bmi1 bmi2 f16c fma abm movbe xsave"

  #if arch(x86_64)
    @Test(arguments: [
      ("sse2", "x86-64-v1"), (second, "x86-64-v2"), ("\(second) fma", "x86-64-v2+fma"),
      (third, "x86-64-v3"), ("\(third) avx512f avx512bw avx512cd avx512dq", "x86-64-v3"),
      ("\(third) avx512f avx512bw avx512cd avx512dq avx512vl", "x86-64-v4"), ("", "x86-64-v1"),
    ])
    func `the level of the processor follows from its flags`(flags: String, level: String) {
      #expect(HostProbe(processors: "model name : x\nflags\t\t: \(flags)\n").level == level)
    }
  #endif

  @Test func `the machine describes itself`() {
    let probe = HostProbe()
    let host = probe.host(loadBefore: 1)
    #expect(host.cores >= 1)
    #expect(host.memoryBytes > 1 << 20)
    #expect(host.kernel.hasPrefix("Linux "))
    #expect(Set(probe.exactness.keys) == ["architecture", "cpu_level", "libc"])
    #expect(probe.exactness["libc"]?.hasPrefix("glibc ") == true)
  }

  @Test func `what the experiment's kernels are called is a key of the record`() throws {
    let bench = try Bench()
    try bench.run("well 1 20000 512")
    #expect(try bench.record.run.exactness["fixture_kernels"] == "plain")
    #expect(try bench.record.run.exactness["cpu_level"] == HostProbe().exactness["cpu_level"])
    try bench.run("well 1 20000 512", exactness: ["fixture_kernels": "other"])
    #expect(try bench.record.run.exactness["fixture_kernels"] == "other")
  }

  @Test func `packages are read from the file of the package manager`() throws {
    let bench = try Bench()
    let path = "\(bench.path)/Package.resolved"
    write(
      """
      {"pins": [{"identity": "b", "state": {"revision": "r", "version": "1.2"}},
        {"identity": "a", "state": {"revision": "r"}}], "version": 3}
      """, to: path)
    #expect(
      CodeProbe.packages(path) == [
        .init(name: "a", version: "r"), .init(name: "b", version: "1.2"),
      ])
    #expect(CodeProbe.packages("\(bench.path)/nothing") == [])
  }

  @Test func `a changed or new file changes the digest of what is dirty, a result does not`() throws
  {
    let bench = try Bench()
    func git(_ arguments: String...) throws {
      let pipe = try Pipe()
      let process = try ChildProcess(
        "git", ["-C", bench.path, "-c", "user.name=n", "-c", "user.email=e"] + arguments,
        output: pipe.writing)
      process.wait()
      pipe.closeReading()
      pipe.closeWriting()
      try #require(process.succeeded)
    }
    try git("init", "-q")
    write("one", to: "\(bench.path)/file")
    try git("add", "file")
    try git("commit", "-q", "-m", "first")
    let probe = CodeProbe(checkout: bench.path, results: "\(bench.path)/Results")
    let clean = probe.code()
    #expect(clean.commit?.utf8.count == 40)
    #expect(clean.dirtyDigest == nil)
    try FolderTree.make("\(bench.path)/Results")
    write("row", to: "\(bench.path)/Results/table")
    #expect(probe.code() == clean)
    write("two", to: "\(bench.path)/file")
    let changed = probe.code().dirtyDigest
    write("new", to: "\(bench.path)/other")
    let added = probe.code().dirtyDigest
    write("newer", to: "\(bench.path)/other")
    let digests = [changed, added, probe.code().dirtyDigest]
    #expect(digests.allSatisfy { $0?.utf8.count == 64 })
    #expect(Set(digests).count == 3)
    #expect(CodeProbe(checkout: "/", results: "/").code().commit == nil)
  }

  private func write(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    #expect(Descriptor.write(Array(text.utf8), to: descriptor))
    close(descriptor)
  }
}
