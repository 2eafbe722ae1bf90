#include "providers/http/tested_connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <utility>

#include <fmt/format.h>

#include "net/http_client.h"

namespace venturi::providers {

namespace asio = boost::asio;

operators::ConnectionTest tested(asio::awaitable<std::string> checking) {
  asio::io_context loop;
  net::run_http_on(loop.get_executor());
  std::string found;
  std::exception_ptr failed;
  asio::co_spawn(loop, std::move(checking), [&](std::exception_ptr error, std::string text) {
    failed = std::move(error);
    found = std::move(text);
  });
  loop.run();
  if (failed) std::rethrow_exception(failed);
  return {true, fmt::format("{}: {}", operators::connection_is_good, found)};
}

}  // namespace venturi::providers
