// The process groups of programs that a worker has started, so that none outlives the worker.

import Glibc
import Synchronization

/// The groups that this process must take with it when it is made to end.
enum ProgramGroups {
  private static let groups = Mutex<Set<pid_t>>([])

  /// Remembers a group.
  static func insert(_ group: pid_t) { groups.withLock { _ = $0.insert(group) } }

  /// Forgets a group whose members have ended.
  static func remove(_ group: pid_t) { groups.withLock { _ = $0.remove(group) } }

  /// Stops every process of every group.
  static func killAll() {
    groups.withLock { groups in
      for group in groups { _ = kill(-group, SIGKILL) }
    }
  }
}
