// Where the parts of a plan lie until they are merged.

/// `Results/.shards/<id>/<index>-of-<count>`, one record each.
enum ShardFolder {
  /// The folder of all shards of a results folder.
  static func root(of results: String) -> String { "\(results)/.shards" }

  /// The folder of the shards of one manifest.
  static func path(of manifest: String, in results: String) -> String {
    "\(root(of: results))/\(manifest)"
  }
}
