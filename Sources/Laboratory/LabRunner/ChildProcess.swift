// Programs that are started and watched.

package import Glibc
package import LabCore

/// A program that runs beside this one, in a process group of its own, so that it does not hear the
/// terminal's interrupt and ends together with whatever it started.
package final class ChildProcess {
  /// The process.
  package let id: pid_t
  private var status: CInt?
  /// What the program used, all that it waited for included; zeros until it has ended.
  package private(set) var usage = rusage()

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - executable: A path, or a name that is looked up in the search path.
  ///   - environment: What is set besides this process's own environment.
  ///   - folder: Where the program runs; in this process's own folder when `nil`. This process
  ///     stands there for a moment, so no other thread may open relative paths meanwhile.
  ///   - input: What the program reads; nothing when `nil`.
  ///   - output: Where its output goes; nowhere when `nil`.
  ///   - log: Where its errors go; nowhere when `nil`.
  /// - Throws: ``RunError/worker(_:)`` when it does not start.
  package init(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:],
    folder: String? = nil, input: CInt? = nil, output: CInt?, log: CInt? = nil
  ) throws(RunError) {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    Self.separate(&attributes)
    Self.connect(input, as: STDIN_FILENO, mode: O_RDONLY, &actions)
    Self.connect(output, as: STDOUT_FILENO, mode: O_WRONLY, &actions)
    Self.connect(log, as: STDERR_FILENO, mode: O_WRONLY, &actions)
    var process: pid_t = 0
    let failure = Self.standing(in: folder) {
      Self.withCStrings([executable] + arguments) { arguments in
        Self.withCStrings(Self.environment(with: environment)) { environment in
          posix_spawnp(&process, executable, &actions, &attributes, arguments, environment)
        }
      }
    }
    guard failure == 0 else {
      throw .worker(
        "\(executable) cannot be started: \(String(cString: strerror(failure))); "
          + "a program was expected; correct the path")
    }
    id = process
  }

  deinit { kill() }

  /// Stops the program and everything in its group, and waits for its end.
  package func kill() {
    guard status == nil else { return }
    _ = Glibc.kill(-id, SIGKILL)
    _ = Glibc.kill(id, SIGKILL)
    wait()
  }

  /// Waits for the program's end for at most a span of time.
  ///
  /// - Returns: Whether it has ended.
  package func ends(within limit: LabCore.Duration) -> Bool {
    let deadline = Stopwatch.monotonic() + limit
    while status == nil, !reap(WNOHANG) {
      guard Stopwatch.monotonic() <= deadline else { return false }
      usleep(500)
    }
    return true
  }

  /// Waits for the program's end.
  package func wait() {
    while status == nil, !reap(0) {}
  }

  /// Keeps how the program ended, if it has, and stops what it left behind in its group.
  ///
  /// The group is stopped while the program's own end is not yet taken note of: its id, which is
  /// that of the group, belongs to nobody else until then.
  /// - Parameter options: Whether to wait for the end: 0 or `WNOHANG`.
  /// - Returns: Whether there is nothing more to wait for.
  private func reap(_ options: CInt) -> Bool {
    var ended = siginfo_t()
    let result = waitid(P_PID, id_t(id), &ended, options | WEXITED | WNOWAIT)
    guard result == 0 || errno != EINTR else { return false }
    guard result != 0 || ended.si_signo == SIGCHLD else { return false }
    _ = Glibc.kill(-id, SIGKILL)
    var raw: CInt = 0
    while wait4(id, &raw, 0, &usage) < 0, errno == EINTR {}
    status = raw
    return true
  }

  /// Whether the program has ended with code 0.
  package var succeeded: Bool { status == 0 }

  /// How the program ended, in words.
  package var ending: String {
    guard let status else { return "still runs" }
    let signal = status & 0x7f
    if signal == 0 { return "exited with code \((status >> 8) & 0xff)" }
    let hint =
      switch signal {
      case SIGILL, SIGTRAP: ", a trap"
      case SIGSEGV, SIGBUS: ", a bad memory access"
      case SIGABRT: ", an abort"
      case SIGKILL: ", a kill from outside"
      default: ""
      }
    return "ended by signal \(signal)\(hint)"
  }

  /// Does something while this process stands in another folder, for the C library's action that
  /// would do so in the child alone cannot be called from here.
  ///
  /// - Returns: The error of the operating system; 0 for none.
  private static func standing(in folder: String?, _ body: () -> CInt) -> CInt {
    guard let folder else { return body() }
    let here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard here >= 0 else { return errno }
    defer { close(here) }
    guard chdir(folder) == 0 else { return errno }
    defer { _ = fchdir(here) }
    return body()
  }

  /// Gives the program a group of its own, and the signals that a program starts with.
  private static func separate(_ attributes: inout posix_spawnattr_t) {
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    posix_spawnattr_setflags(&attributes, Int16(flags))
    posix_spawnattr_setpgroup(&attributes, 0)
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
  }

  private static func connect(
    _ descriptor: CInt?, as standard: CInt, mode: CInt,
    _ actions: inout posix_spawn_file_actions_t
  ) {
    if let descriptor {
      posix_spawn_file_actions_adddup2(&actions, descriptor, standard)
    } else {
      posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", mode, 0)
    }
  }

  private static func environment(with additions: [String: String]) -> [String] {
    var lines: [String] = []
    var place = environ
    while let line = place.pointee {
      let text = String(cString: line)
      let name = text.prefix { $0 != "=" }
      if additions[String(name)] == nil { lines.append(text) }
      place += 1
    }
    return lines + additions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}
