#include "net/resolve.h"

#include <netdb.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstring>
#include <memory>
#include <utility>

#include "net/background.h"

namespace venturi::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// What the thread found; the loop reads it after that.
struct Found {
  int error = 0;  // EAI_...
  std::vector<Endpoint> endpoints;
};

// What the coroutine waits for. It may be gone when the answer comes.
struct LookUp {
  explicit LookUp(const asio::any_io_executor& executor) : over(executor) {}
  asio::steady_timer over;  // cancelled when the answer is there
  bool answered = false;
};

void look_up(const std::string& host, std::uint16_t port, Found& found) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  found.error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (found.error != 0) return;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    Endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    found.endpoints.push_back(endpoint);
  }
  ::freeaddrinfo(list);
}

// Asio's own resolver has one thread: whoever asks a name server that does not answer would hold up everybody else.
std::shared_ptr<const Found> begin(const std::shared_ptr<LookUp>& waiting, const asio::any_io_executor& executor,
                                   std::string host, std::uint16_t port) {
  auto found = std::make_shared<Found>();
  std::function<void()> work = [found, host = std::move(host), port] { look_up(host, port, *found); };
  std::function<void()> then = [weak = std::weak_ptr(waiting)] {
    const auto alive = weak.lock();
    if (!alive) return;
    alive->answered = true;
    alive->over.cancel();
  };
  detail::run_in_background(detail::mail_of(executor), executor, std::move(work), std::move(then), BackgroundPool::names);
  return found;
}

}  // namespace

asio::awaitable<Result<std::vector<Endpoint>>> resolve(std::string host, std::uint16_t port,
                                                       std::chrono::milliseconds patience) {
  error_code ignored;
  if (const auto address = asio::ip::make_address(host, ignored); !ignored) co_return std::vector<Endpoint>{{address, port}};

  const auto executor = co_await asio::this_coro::executor;
  const auto waiting = std::make_shared<LookUp>(executor);
  waiting->over.expires_after(patience);
  const auto found = begin(waiting, executor, host, port);
  error_code waited;
  co_await waiting->over.async_wait(asio::redirect_error(asio::use_awaitable, waited));
  if (!waiting->answered && waited) throw boost::system::system_error(waited);  // this coroutine was cancelled
  if (!waiting->answered) {
    co_return fail(ErrorKind::unavailable,
                   "the name server gave no address for " + host + " within " + std::to_string(patience.count() / 1000) + " s",
                   {}, "can the worker reach its name server (/etc/resolv.conf)?");
  }
  if (found->error == EAI_AGAIN) {
    co_return fail(ErrorKind::unavailable, "the name server could not be asked for the address of " + host, {},
                   "can the worker reach its name server (/etc/resolv.conf)?");
  }
  if (found->error != 0 || found->endpoints.empty()) {
    co_return fail(ErrorKind::not_found, "there is no host named " + host, {}, "check its spelling");
  }
  co_return found->endpoints;
}

}  // namespace venturi::net
