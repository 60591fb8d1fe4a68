// Three NATS servers with JetStream's file store: the bus that the laboratory's own is measured
// beside.
//
// An arm of the experiment bus-throughput: it speaks JSON lines over its standard streams. Its one
// argument is a folder with ca.pem, cert.pem and key.pem, by which servers and clients know each
// other; clients and routes speak TLS.
//
// The work of a trial: three servers of one cluster on loopback, a new stream with three replicas
// in files. The servers take some seconds to elect a leader, so they stay between trials. A
// publisher at each server publishes its part of the events, with a window of them unacknowledged;
// a consumer at each server gets all of them. The time runs from the first event until every
// consumer has had every event. Processor time is that of the three servers and of this program. An
// event is acknowledged once two of three servers have written it; the servers leave the syncing to
// a timer of two minutes, which this version lets nobody change.

#include <fcntl.h>
#include <nats/nats.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int servers = 3;
constexpr auto startLimit = std::chrono::seconds(20);
constexpr auto pause = std::chrono::milliseconds(20);

using Clock = std::chrono::steady_clock;

void check(natsStatus status, const char* action) {
  if (status == NATS_OK) return;
  throw std::runtime_error(std::string(action) + ": " + natsStatus_GetText(status));
}

double cpuSeconds(clockid_t clock) {
  timespec now;
  if (clock_gettime(clock, &now) != 0) throw std::runtime_error("a processor clock is gone");
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// A free port of loopback; nobody else takes it in the moment until a server does.
int freePort() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (descriptor < 0 || bind(descriptor, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("no free port");
  }
  close(descriptor);
  return ntohs(address.sin_port);
}

// The three servers, which end with this value.
class Cluster {
 public:
  explicit Cluster(const std::string& keys) {
    folder_ = std::filesystem::temp_directory_path() / "nats-fleet-XXXXXX";
    if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no folder can be made");
    std::string routes;
    int routePorts[servers];
    for (int server = 0; server < servers; ++server) {
      ports[server] = freePort();
      routePorts[server] = freePort();
      routes += (server ? ", " : "") + std::string("\"nats://localhost:") +
                std::to_string(routePorts[server]) + "\"";
    }
    const std::string tls = "tls { cert_file: \"" + keys + "/cert.pem\", key_file: \"" + keys +
                            "/key.pem\", ca_file: \"" + keys + "/ca.pem\", verify: true }\n";
    for (int server = 0; server < servers; ++server) {
      const std::string base = folder_ + "/" + std::to_string(server);
      std::ofstream(base + ".conf")
          << "server_name: n" << server << "\nlisten: \"127.0.0.1:" << ports[server] << "\"\n"
          << tls << "cluster { name: fleet, listen: \"127.0.0.1:" << routePorts[server]
          << "\", routes: [" << routes << "]\n"
          << tls << "}\njetstream { store_dir: \"" << base << "\" }\n";
      start(server, base);
    }
  }

  ~Cluster() {
    for (const pid_t process : processes_) {
      kill(process, SIGKILL);
      waitpid(process, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  double cpu() const {
    double sum = 0;
    for (const pid_t process : processes_) {
      clockid_t clock;
      if (clock_getcpuclockid(process, &clock) != 0) throw std::runtime_error("a server has ended");
      sum += cpuSeconds(clock);
    }
    return sum;
  }

  int ports[servers];

 private:
  std::string folder_;
  std::vector<pid_t> processes_;

  void start(int, const std::string& base) {
    const std::string config = base + ".conf", log = base + ".log";
    const pid_t process = fork();
    if (process < 0) throw std::runtime_error("no server can be started");
    if (process == 0) {
      const int nowhere = open("/dev/null", O_RDWR);
      dup2(nowhere, 0);
      dup2(nowhere, 1);
      execlp("nats-server", "nats-server", "-c", config.c_str(), "-l", log.c_str(), nullptr);
      _exit(127);
    }
    processes_.push_back(process);
  }
};

// A client of one server.
class Client {
 public:
  Client(int port, const std::string& keys) {
    check(natsOptions_Create(&options_), "options");
    const std::string url = "tls://localhost:" + std::to_string(port);
    check(natsOptions_SetURL(options_, url.c_str()), "url");
    check(natsOptions_SetSecure(options_, true), "TLS");
    check(natsOptions_LoadCATrustedCertificates(options_, (keys + "/ca.pem").c_str()), "ca");
    check(natsOptions_LoadCertificatesChain(options_, (keys + "/cert.pem").c_str(),
                                            (keys + "/key.pem").c_str()),
          "certificate");
    const auto end = Clock::now() + startLimit;
    natsStatus status;
    while ((status = natsConnection_Connect(&connection, options_)) != NATS_OK) {
      if (Clock::now() > end) check(status, "connect");
      std::this_thread::sleep_for(pause);
    }
    check(natsConnection_JetStream(&stream, connection, nullptr), "JetStream");
  }

  ~Client() {
    natsConnection_Close(connection);
    jsCtx_Destroy(stream);
    natsConnection_Destroy(connection);
    natsOptions_Destroy(options_);
  }

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  natsConnection* connection = nullptr;
  jsCtx* stream = nullptr;

 private:
  natsOptions* options_ = nullptr;
};

void makeStream(Client& client) {
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  const char* subjects[] = {"events"};
  config.Name = "EVENTS";
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  config.Replicas = servers;
  const auto end = Clock::now() + startLimit;
  natsStatus status;
  jsErrCode code;
  // The servers elect a leader first.
  while ((status = js_AddStream(nullptr, client.stream, &config, nullptr, &code)) != NATS_OK) {
    if (Clock::now() > end) check(status, "make a stream");
    std::this_thread::sleep_for(pause);
  }
}

// A publisher at a server, with a window of events that are not acknowledged.
class Publisher {
 public:
  Publisher(Client& client, int number, std::uint64_t events, std::uint64_t window)
      : client_(client), inbox_("acks." + std::to_string(number)), window_(window) {
    asked_.resize(events);
    latencies.reserve(events);
    check(natsConnection_Subscribe(&subscription_, client.connection, (inbox_ + ".*").c_str(),
                                   &Publisher::acknowledged, this),
          "subscribe to answers");
  }

  ~Publisher() { natsSubscription_Destroy(subscription_); }

  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  void run(const std::string& data) {
    for (std::uint64_t number = 0; number < asked_.size(); ++number) {
      {
        std::unique_lock lock(mutex_);
        const bool isFree = changed_.wait_for(
            lock, startLimit, [&] { return number - latencies.size() < window_ || hasFailed; });
        if (!isFree || hasFailed) {
          hasFailed = true;
          return;
        }
        asked_[number] = Clock::now();
      }
      const std::string reply = inbox_ + "." + std::to_string(number);
      if (natsConnection_PublishRequest(client_.connection, "events", reply.c_str(), data.data(),
                                        static_cast<int>(data.size())) != NATS_OK) {
        hasFailed = true;
        return;
      }
    }
  }

  std::vector<double> latencies;
  std::atomic<bool> hasFailed = false;

 private:
  Client& client_;
  natsSubscription* subscription_ = nullptr;
  std::string inbox_;
  std::uint64_t window_;
  std::vector<Clock::time_point> asked_;
  std::mutex mutex_;
  std::condition_variable changed_;

  static void acknowledged(natsConnection*, natsSubscription*, natsMsg* message, void* me) {
    auto& self = *static_cast<Publisher*>(me);
    const std::string subject = natsMsg_GetSubject(message);
    const std::string answer(natsMsg_GetData(message),
                             static_cast<std::size_t>(natsMsg_GetDataLength(message)));
    const auto now = Clock::now();
    {
      const std::lock_guard lock(self.mutex_);
      const auto number = std::strtoull(subject.c_str() + self.inbox_.size() + 1, nullptr, 10);
      if (answer.find("\"seq\"") == std::string::npos || number >= self.asked_.size()) {
        std::fprintf(stderr, "answer: %s\n", answer.c_str());
        self.hasFailed = true;
      } else {
        self.latencies.push_back(
            std::chrono::duration<double>(now - self.asked_[number]).count());
      }
    }
    self.changed_.notify_all();
    natsMsg_Destroy(message);
  }
};

// A consumer at a server, which gets every event of the stream.
class Consumer {
 public:
  explicit Consumer(Client& client) {
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.Config.AckPolicy = js_AckNone;
    check(js_Subscribe(&subscription_, client.stream, "events", &Consumer::handle, this, nullptr,
                       &options, nullptr),
          "subscribe");
    check(natsSubscription_SetPendingLimits(subscription_, -1, -1), "limits");
  }

  ~Consumer() { natsSubscription_Destroy(subscription_); }

  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  std::atomic<std::uint64_t> count = 0;

 private:
  natsSubscription* subscription_ = nullptr;

  static void handle(natsConnection*, natsSubscription*, natsMsg* message, void* me) {
    static_cast<Consumer*>(me)->count += 1;
    natsMsg_Destroy(message);
  }
};

struct Settings {
  std::uint64_t events = 0;
  std::uint64_t payload = 0;
  std::uint64_t window = 0;
};

struct Outcome {
  double wall = 0;
  double cpu = 0;
  std::vector<double> latencies;
};

// The servers with a client of each.
struct Fleet {
  Cluster cluster;
  std::vector<std::unique_ptr<Client>> clients;

  explicit Fleet(const std::string& keys) : cluster(keys) {
    for (const int port : cluster.ports) clients.push_back(std::make_unique<Client>(port, keys));
  }
};

Outcome run(const Settings& settings, Fleet& fleet) {
  auto& [cluster, clients] = fleet;
  makeStream(*clients[0]);
  std::vector<std::unique_ptr<Consumer>> consumers;
  std::vector<std::unique_ptr<Publisher>> publishers;
  for (int place = 0; place < servers; ++place) {
    const auto part = settings.events / servers +
                      (static_cast<std::uint64_t>(place) < settings.events % servers ? 1 : 0);
    consumers.push_back(std::make_unique<Consumer>(*clients[place]));
    publishers.push_back(
        std::make_unique<Publisher>(*clients[place], place, part, settings.window));
  }
  const std::string data(settings.payload, 'x');
  const double cpuBefore = cluster.cpu() + cpuSeconds(CLOCK_PROCESS_CPUTIME_ID);
  const auto begin = Clock::now();
  std::vector<std::thread> threads;
  for (auto& publisher : publishers) threads.emplace_back([&] { publisher->run(data); });
  for (auto& thread : threads) thread.join();
  const auto end = Clock::now() + startLimit;
  for (auto& consumer : consumers) {
    while (consumer->count < settings.events && Clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    if (consumer->count != settings.events) {
      throw std::runtime_error("a consumer had " + std::to_string(consumer->count) + " events");
    }
  }
  Outcome outcome;
  outcome.wall = std::chrono::duration<double>(Clock::now() - begin).count();
  outcome.cpu = cluster.cpu() + cpuSeconds(CLOCK_PROCESS_CPUTIME_ID) - cpuBefore;
  for (auto& publisher : publishers) {
    if (publisher->hasFailed) throw std::runtime_error("an event was not acknowledged");
    outcome.latencies.insert(outcome.latencies.end(), publisher->latencies.begin(),
                             publisher->latencies.end());
  }
  std::sort(outcome.latencies.begin(), outcome.latencies.end());
  consumers.clear();
  check(js_DeleteStream(clients[0]->stream, "EVENTS", nullptr, nullptr), "delete the stream");
  return outcome;
}

// The place of a key's value in a line of JSON, or npos. Each key that is looked for stands in the
// runner's requests once, and none of their texts can hold one in quotes.
std::size_t valueOf(const std::string& line, const std::string& key) {
  const std::size_t place = line.find("\"" + key + "\"");
  if (place == std::string::npos) return place;
  const std::size_t colon = line.find(':', place + key.size() + 2);
  return colon == std::string::npos ? colon : line.find_first_not_of(" \t\"", colon + 1);
}

bool read(const std::string& line, const char* key, std::uint64_t most, std::uint64_t* value) {
  const std::size_t place = valueOf(line, key);
  if (place == std::string::npos || line[place] == '-') return false;
  char* end = nullptr;
  *value = std::strtoull(line.c_str() + place, &end, 10);
  return end != line.c_str() + place && *value <= most;
}

void answer(const std::string& line, const std::string& keys, std::unique_ptr<Fleet>& fleet) {
  std::uint64_t trial = 0;
  if (!read(line, "trial", std::numeric_limits<std::uint64_t>::max(), &trial)) {
    std::fprintf(stderr, "error: the request has no trial\n");
    std::exit(1);
  }
  Settings settings;
  if (!read(line, "events", 100'000'000, &settings.events) || settings.events == 0 ||
      !read(line, "payload", 1'000'000, &settings.payload) ||
      !read(line, "window", 1'000'000, &settings.window) || settings.window == 0) {
    std::printf("{\"trial\":%" PRIu64 ",\"error\":\"events, payload or window is missing\"}\n",
                trial);
    return;
  }
  try {
    if (!fleet) fleet = std::make_unique<Fleet>(keys);
    const Outcome outcome = run(settings, *fleet);
    const auto at = [&](double share) {
      const auto& all = outcome.latencies;
      return all[std::min(all.size() - 1, static_cast<std::size_t>(
                                              share * static_cast<double>(all.size())))];
    };
    const auto events = static_cast<double>(settings.events);
    std::printf("{\"trial\":%" PRIu64 ",\"work\":%" PRIu64
                ",\"metrics\":{\"events_per_second\":%.9g,\"events_per_cpu_second\":%.9g,"
                "\"publish_p50\":%.9g,\"publish_p99\":%.9g}}\n",
                trial, settings.events, events / outcome.wall, events / outcome.cpu, at(0.5),
                at(0.99));
  } catch (const std::exception& error) {
    // What is left of a trial that failed is in nobody's way.
    fleet.reset();
    std::printf("{\"trial\":%" PRIu64 ",\"error\":\"%s\"}\n", trial, error.what());
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: nats-fleet FOLDER\n");
    return 64;
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::string line;
  if (!std::getline(std::cin, line)) return 1;
  std::printf(
      "{\"fleetlab\":1,\"name\":\"NATS JetStream\",\"version\":\"2.9\",\"capabilities\":[]}\n");
  std::fflush(stdout);
  std::unique_ptr<Fleet> fleet;
  while (std::getline(std::cin, line) && line.find("\"run\"") != std::string::npos) {
    answer(line, arguments[1], fleet);
    std::fflush(stdout);
  }
  return 0;
}
