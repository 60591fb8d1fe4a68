// PHOLD on a binary heap in C++17: the reference that the simulator's event queue is measured
// against.
//
// usage: heap --population P --events M [--nodes N]
//
// The work: N nodes, P messages in flight. A message that arrives at a node is counted there, and
// the node sends one more to a node drawn uniformly, which arrives after an exponential latency
// with mean 1 s. The run ends after M arrivals. A program that does the same prints the same
// checksum:
// - The stream is splitmix64 from the seed 42. Each message takes two draws: x for the latency,
//   trunc(-log(1 - (x >> 11) * 2^-53) * 1e9) whole nanoseconds, and then y for the node, y mod N.
// - The first P messages are sent at time 0. Messages arrive in the order of their times, and of
//   their sending where times are equal.
// - The checksum folds the arrivals c of each node, from node 0: sum = sum * 31 + c modulo 2^64.
//
// The CPU seconds are those of the M arrivals, after the first P messages were sent, so that a run
// of few events is not charged for the filling. The peak is the process's own resident memory.

#include <cerrno>
#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>
#include <vector>

namespace {

// A message in flight, in 16 bytes.
struct Event {
  std::int64_t nanoseconds;
  std::uint32_t sequence;
  std::uint32_t node;
};
static_assert(sizeof(Event) == 16);

// Sequence numbers may wrap, so the nearer of two counts as the earlier.
inline bool isBefore(const Event& left, const Event& right) {
  if (left.nanoseconds != right.nanoseconds) return left.nanoseconds < right.nanoseconds;
  return static_cast<std::int32_t>(left.sequence - right.sequence) < 0;
}

// A binary heap in one array; a hole moves, not pairs of events.
class EventHeap {
 public:
  explicit EventHeap(std::size_t capacity) { events_.reserve(capacity); }

  void push(const Event& event) {
    std::size_t hole = events_.size();
    events_.push_back(event);
    rise(hole, event);
  }

  // The heap must not be empty.
  Event pop() {
    const Event first = events_.front();
    const Event last = events_.back();
    events_.pop_back();
    const std::size_t count = events_.size();
    if (count == 0) return first;
    sink(count, last);
    return first;
  }

 private:
  std::vector<Event> events_;

  void rise(std::size_t hole, const Event& event) {
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 2;
      if (!isBefore(event, events_[parent])) break;
      events_[hole] = events_[parent];
      hole = parent;
    }
    events_[hole] = event;
  }

  // Moves the hole at the root down the earlier children, as far as the event needs.
  void sink(std::size_t count, const Event& event) {
    std::size_t hole = 0;
    for (std::size_t child = 1; child < count; child = 2 * hole + 1) {
      if (child + 1 < count && isBefore(events_[child + 1], events_[child])) child += 1;
      if (!isBefore(events_[child], event)) break;
      events_[hole] = events_[child];
      hole = child;
    }
    events_[hole] = event;
  }
};

class SplitMix64 {
 public:
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
  }

 private:
  std::uint64_t state_ = 42;
};

struct Settings {
  std::uint32_t population = 0;
  std::uint64_t events = 0;
  std::uint32_t nodes = 1000;
};

struct Outcome {
  double cpuSeconds = 0;
  std::uint64_t checksum = 0;
};

double processSeconds() {
  timespec now;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) != 0) {
    std::perror("error: no CPU clock");
    std::exit(1);
  }
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// The high-water mark of this program's own memory; getrusage would also count what the parent held
// before this program replaced it.
std::uint64_t peakBytes() {
  std::FILE* file = std::fopen("/proc/self/status", "r");
  std::uint64_t kibibytes = 0;
  if (file != nullptr) {
    char line[256];
    while (std::fgets(line, sizeof line, file) != nullptr) {
      if (std::sscanf(line, "VmHWM: %" SCNu64 " kB", &kibibytes) == 1) break;
    }
    std::fclose(file);
  }
  if (kibibytes == 0) {
    std::fprintf(stderr, "error: no VmHWM in /proc/self/status; expected Linux\n");
    std::exit(1);
  }
  return kibibytes * 1024;
}

Outcome run(const Settings& settings) {
  EventHeap heap(std::size_t{settings.population} + 1);
  SplitMix64 stream;
  std::uint32_t sequence = 0;
  const auto send = [&](std::int64_t now) {
    const double uniform = static_cast<double>(stream.next() >> 11) * 0x1p-53;
    const auto latency = static_cast<std::int64_t>(-std::log(1.0 - uniform) * 1e9);
    const auto node = static_cast<std::uint32_t>(stream.next() % settings.nodes);
    heap.push({now + latency, sequence++, node});
  };
  std::vector<std::uint32_t> arrivals(settings.nodes);
  for (std::uint32_t sent = 0; sent < settings.population; ++sent) send(0);

  const double begin = processSeconds();
  for (std::uint64_t done = 0; done < settings.events; ++done) {
    const Event event = heap.pop();
    arrivals[event.node] += 1;
    send(event.nanoseconds);
  }
  Outcome outcome;
  outcome.cpuSeconds = processSeconds() - begin;
  for (const std::uint32_t count : arrivals) outcome.checksum = outcome.checksum * 31 + count;
  return outcome;
}

// A whole number from 1 to `limit`, or the end of the program with what was wrong.
std::uint64_t wholeNumber(const char* name, const char* text, std::uint64_t limit) {
  char* end = nullptr;
  errno = 0;
  const std::uint64_t value = std::strtoull(text, &end, 10);
  const bool isWhole = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
  if (!isWhole || value < 1 || value > limit) {
    std::fprintf(stderr, "error: %s is '%s'; expected a whole number from 1 to %" PRIu64 "\n", name,
                 text, limit);
    std::exit(64);
  }
  return value;
}

Settings settingsFrom(int count, char** arguments) {
  constexpr std::uint64_t populationMax = 1u << 30;
  Settings settings;
  for (int index = 1; index < count; index += 2) {
    const char* name = arguments[index];
    const char* value = index + 1 < count ? arguments[index + 1] : "";
    if (std::strcmp(name, "--population") == 0) {
      settings.population = static_cast<std::uint32_t>(wholeNumber(name, value, populationMax));
    } else if (std::strcmp(name, "--events") == 0) {
      settings.events = wholeNumber(name, value, std::uint64_t{1} << 40);
    } else if (std::strcmp(name, "--nodes") == 0) {
      const auto nodesMax = std::numeric_limits<std::uint32_t>::max();
      settings.nodes = static_cast<std::uint32_t>(wholeNumber(name, value, nodesMax));
    } else {
      std::fprintf(stderr, "error: unknown argument '%s'; expected what the usage names\n", name);
      std::exit(64);
    }
  }
  if (settings.population == 0 || settings.events == 0) {
    std::fprintf(stderr, "usage: heap --population P --events M [--nodes N]\n");
    std::exit(64);
  }
  return settings;
}

}  // namespace

int main(int count, char** arguments) {
  const Settings settings = settingsFrom(count, arguments);
  const Outcome outcome = run(settings);
  std::printf("{\"program\": \"heap\", \"population\": %" PRIu32 ", \"events\": %" PRIu64
              ", \"cpu_seconds\": %.6f, \"peak_bytes\": %" PRIu64
              ", \"checksum\": \"%016" PRIx64 "\"}\n",
              settings.population, settings.events, outcome.cpuSeconds, peakBytes(),
              outcome.checksum);
}
