// A client for the measurements that wrk cannot make.  bench/README.md says which; every mode
// prints one line of JSON and fails when anything was not answered as it should be.
//
// usage: sekisho_bench_tls_client handshakes PORT NAME CA SECONDS [CERTIFICATE KEY]
//        sekisho_bench_tls_client hold       PORT NAME CA CONNECTIONS <REQUEST
//        sekisho_bench_tls_client paced      PORT NAME CA SECONDS RATE <REQUEST
//
// handshakes: full TLS 1.3 handshakes, one after the other on each of a few threads.
// hold:       opens that many connections, has one request answered on each, says so, and keeps
//             them until standard input ends.
// paced:      RATE requests a second on one connection; how late each answer came.
// REQUEST is a request's head, up to and with its empty line.  Everything goes to 127.0.0.1.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace sekisho {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kAtOnce = 8;                 // threads that open connections
constexpr int kConnectionsAddress = 1000;  // hold: as many come from one address
constexpr timeval kPatience{10, 0};        // with a server that says nothing

[[noreturn]] void stop(const std::string& reason) {
  std::fprintf(stderr, "sekisho_bench_tls_client: %s\n", reason.c_str());
  std::exit(1);
}

int number_of(std::string_view text) {
  int number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 1) {
    stop("not a number above 0: " + std::string(text));
  }
  return number;
}

double seconds_between(SteadyClock::time_point begin, SteadyClock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

struct Place {
  int port = 0;
  std::string name;  // in SNI, and in the server's certificate
};

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

Context new_context(const std::string& ca_file) {
  Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // A server may answer our goodbye with no more than the end of the stream.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1 ||
      SSL_CTX_set1_groups_list(context.get(), "X25519") != 1) {
    stop("the client's TLS could not be set up; CA: " + ca_file);
  }
  return context;
}

// One TLS connection, open from construction on.
class Connection {
 public:
  // nullopt: refused, or the handshake failed.  `source` is the last octet of our own address.
  static std::optional<Connection> open(SSL_CTX* context, const Place& place, int source) {
    Connection connection(SSL_new(context), socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connection.descriptor_ < 0) return std::nullopt;
    const int yes = 1;
    const int descriptor = connection.descriptor_;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    const sockaddr_in from = loopback(source, 0), to = loopback(1, place.port);
    if (bind(descriptor, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
        connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      return std::nullopt;
    }
    SSL* const tls = connection.tls_.get();
    SSL_set_fd(tls, descriptor);
    SSL_set_tlsext_host_name(tls, place.name.c_str());
    SSL_set1_host(tls, place.name.c_str());
    if (SSL_connect(tls) != 1 || SSL_session_reused(tls) != 0) return std::nullopt;
    return connection;
  }

  Connection(Connection&& other) noexcept
      : tls_(std::move(other.tls_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  Connection& operator=(Connection&&) = delete;
  ~Connection() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  // Says goodbye and waits for the server's end.  False when it ended in any other way: so a server
  // refuses a client's certificate, which TLS 1.3 tells only after the client's handshake.
  bool finish() {
    if (SSL_shutdown(tls_.get()) < 0) return false;
    char rest[256];
    return SSL_get_error(tls_.get(), SSL_read(tls_.get(), rest, sizeof rest)) ==
           SSL_ERROR_ZERO_RETURN;
  }

  // True: answered with 200, and the whole of the answer was read.
  bool ask(const std::string& request) {
    if (SSL_write(tls_.get(), request.data(), static_cast<int>(request.size())) <= 0) return false;
    std::string answer;
    std::size_t wanted = 0;  // 0: not known yet
    while (wanted == 0 || answer.size() < wanted) {
      char some[16 * 1024];
      const int length = SSL_read(tls_.get(), some, sizeof some);
      if (length <= 0) return false;
      answer.append(some, static_cast<std::size_t>(length));
      const std::size_t end = answer.find("\r\n\r\n");
      if (wanted == 0 && end != std::string::npos) wanted = end + 4 + body_bytes(answer, end);
    }
    return answer.starts_with("HTTP/1.1 200 ") && answer.size() == wanted;
  }

 private:
  Connection(SSL* tls, int descriptor) : tls_(tls, &SSL_free), descriptor_(descriptor) {}

  static sockaddr_in loopback(int last_octet, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(0x7f000000U | static_cast<std::uint32_t>(last_octet));
    return address;
  }

  static std::size_t body_bytes(const std::string& answer, std::size_t head_end) {
    constexpr std::string_view kField = "\r\nContent-Length: ";
    const std::size_t at = answer.find(kField);
    if (at >= head_end) stop("an answer without Content-Length: " + answer.substr(0, head_end));
    return std::strtoul(answer.c_str() + at + kField.size(), nullptr, 10);
  }

  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
  int descriptor_;
};

// The head of a request from standard input.
std::string read_request() {
  std::string request, line;
  while (std::getline(std::cin, line)) {
    while (!line.empty() && line.back() == '\r') line.pop_back();
    request += line + "\r\n";
    if (line.empty()) return request;
  }
  stop("no request on standard input");
}

void handshakes(SSL_CTX* context, const Place& place, int seconds) {
  std::atomic<long> done = 0, failed = 0;
  const auto begin = SteadyClock::now();
  const auto end = begin + std::chrono::seconds(seconds);
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtOnce; ++i) {
    threads.emplace_back([&] {
      while (SteadyClock::now() < end && failed == 0) {
        std::optional<Connection> connection = Connection::open(context, place, 1);
        ++(connection && connection->finish() ? done : failed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failed > 0) stop("a handshake failed");
  std::printf("{\"handshakes\": %ld, \"seconds\": %.3f}\n", done.load(),
              seconds_between(begin, SteadyClock::now()));
}

void hold(SSL_CTX* context, const Place& place, int count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const std::string request = read_request();
  std::vector<std::optional<Connection>> connections(static_cast<std::size_t>(count));
  std::atomic<int> next = 0, unserved = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtOnce; ++i) {
    threads.emplace_back([&] {
      for (int mine = next++; mine < count && unserved == 0; mine = next++) {
        std::optional<Connection> connection =
            Connection::open(context, place, 11 + mine / kConnectionsAddress);
        if (!connection || !connection->ask(request))
          ++unserved;
        else
          connections[static_cast<std::size_t>(mine)].emplace(std::move(*connection));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (unserved > 0) {
    stop("a connection was not served, after " + std::to_string(next - unserved) + " that were");
  }
  std::printf("{\"holding\": %d}\n", count);
  std::fflush(stdout);
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
}

// Measured from when a request was due, so that one that waited for the answer before it counts
// its waiting, too.
void paced(SSL_CTX* context, const Place& place, int seconds, int rate) {
  const std::string request = read_request();
  std::optional<Connection> connection = Connection::open(context, place, 1);
  if (!connection || !connection->ask(request)) stop("the first request was not answered");
  prctl(PR_SET_TIMERSLACK, 1UL);
  std::vector<double> late_by;  // milliseconds
  auto due = SteadyClock::now();
  for (int i = 0; i < seconds * rate; ++i) {
    due += std::chrono::nanoseconds(1'000'000'000 / rate);
    std::this_thread::sleep_until(due);
    if (!connection->ask(request)) stop("a request was not answered");
    late_by.push_back(seconds_between(due, SteadyClock::now()) * 1e3);
  }
  std::sort(late_by.begin(), late_by.end());
  std::printf("{\"requests\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
              late_by.size(), late_by[late_by.size() / 2], late_by[late_by.size() * 99 / 100],
              late_by.back());
}

void run(const std::vector<std::string>& arguments) {
  const auto is = [&](std::string_view mode, std::size_t count) {
    return arguments.size() == count && arguments[0] == mode;
  };
  if (arguments.size() < 5) stop("usage: see the top of bench/tls_client.cpp");
  const Place place{number_of(arguments[1]), arguments[2]};
  const Context context = new_context(arguments[3]);
  const int amount = number_of(arguments[4]);
  if (is("handshakes", 7)) {
    // Or it adds the CA where it knows it, which is with one of the servers only.
    SSL_CTX_set_mode(context.get(), SSL_MODE_NO_AUTO_CHAIN);
    if (SSL_CTX_use_certificate_file(context.get(), arguments[5].c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), arguments[6].c_str(), SSL_FILETYPE_PEM) != 1) {
      stop("the client's certificate cannot be used: " + arguments[5]);
    }
    handshakes(context.get(), place, amount);
  } else if (is("handshakes", 5)) {
    handshakes(context.get(), place, amount);
  } else if (is("hold", 5)) {
    hold(context.get(), place, amount);
  } else if (is("paced", 6)) {
    paced(context.get(), place, amount, number_of(arguments[5]));
  } else {
    stop("usage: see the top of bench/tls_client.cpp");
  }
}

}  // namespace
}  // namespace sekisho

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  sekisho::run(std::vector<std::string>(arguments + 1, arguments + count));
}
