// The threads of a world: event loops for the nodes, and a few that work on journals.
import LabCore
import NIOCore
import NIOPosix

/// The threads that one world starts and ends.
struct WorldThreads: Sendable {
  /// The most threads that work on journals at the same time.
  private static let storageLimit = 4

  private let loops: MultiThreadedEventLoopGroup
  private let storage: (folder: String, threads: NIOThreadPool)?

  /// Starts the threads.
  ///
  /// - Parameters:
  ///   - loops: How many event loops, at least 1.
  ///   - storageFolder: Where nodes store; `nil` when they do not.
  init(loops: Int, storageFolder: String?) {
    self.loops = MultiThreadedEventLoopGroup(numberOfThreads: loops)
    storage = storageFolder.map { folder in
      let threads = NIOThreadPool(numberOfThreads: min(loops, Self.storageLimit))
      threads.start()
      return (folder, threads)
    }
  }

  /// The loop for the next node, each in its turn.
  func nextLoop() -> any EventLoop { loops.next() }

  /// The journal of a node; `nil` when the world has no folder.
  func storage(of node: NodeID) -> NodeStorage? {
    storage.map { NodeStorage(node: node, folder: $0.folder, threads: $0.threads) }
  }

  /// Ends the threads and waits until they have ended.
  func end() throws(SocketWorldError) {
    do {
      try storage?.threads.syncShutdownGracefully()
      try loops.syncShutdownGracefully()
    } catch { throw .system(operation: "end the threads of a world", reason: "\(error)") }
  }
}
