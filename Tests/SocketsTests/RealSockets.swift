// The suite under which every test on real sockets stands.
import Testing

/// Everything on real sockets, one test at a time, so that descriptors and threads can be counted.
@Suite(.serialized) struct RealSockets {}
