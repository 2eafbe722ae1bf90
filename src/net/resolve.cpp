#include "net/resolve.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

namespace venturi::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Shared with the look-up, which may end after nobody waits for it any more.
struct LookUp {
  explicit LookUp(const asio::any_io_executor& executor) : resolver(executor), over(executor) {}
  tcp::resolver resolver;
  asio::steady_timer over;  // cancelled when the answer is there
  bool answered = false;
  error_code error;
  std::vector<Endpoint> endpoints;
};

void begin(const std::shared_ptr<LookUp>& look_up, const std::string& host, std::uint16_t port) {
  look_up->resolver.async_resolve(host, std::to_string(port),
                                  tcp::resolver::address_configured | tcp::resolver::numeric_service,
                                  [look_up](const error_code& error, const tcp::resolver::results_type& results) {
                                    look_up->answered = true;
                                    look_up->error = error;
                                    for (const auto& entry : results) look_up->endpoints.push_back(entry.endpoint());
                                    look_up->over.cancel();
                                  });
}

}  // namespace

asio::awaitable<Result<std::vector<Endpoint>>> resolve(std::string host, std::uint16_t port,
                                                       std::chrono::milliseconds patience) {
  error_code ignored;
  if (const auto address = asio::ip::make_address(host, ignored); !ignored) co_return std::vector<Endpoint>{{address, port}};

  const auto executor = co_await asio::this_coro::executor;
  const auto look_up = std::make_shared<LookUp>(executor);
  look_up->over.expires_after(patience);
  begin(look_up, host, port);
  error_code waited;
  co_await look_up->over.async_wait(asio::redirect_error(asio::use_awaitable, waited));
  if (!look_up->answered && waited) throw boost::system::system_error(waited);  // this coroutine was cancelled
  if (!look_up->answered) {
    co_return fail(ErrorKind::unavailable,
                   "the name server gave no address for " + host + " within " + std::to_string(patience.count() / 1000) + " s");
  }
  if (look_up->error == asio::error::host_not_found_try_again) {
    co_return fail(ErrorKind::unavailable, "the name server could not be asked for the address of " + host);
  }
  if (look_up->error || look_up->endpoints.empty()) {
    co_return fail(ErrorKind::not_found, "there is no host named " + host, {}, "check its spelling");
  }
  co_return std::move(look_up->endpoints);
}

}  // namespace venturi::net
