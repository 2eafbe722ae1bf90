#include "providers/http/side_by_side.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

namespace venturi::providers {

namespace asio = boost::asio;

asio::awaitable<void> side_by_side(asio::awaitable<void> one, asio::awaitable<void> other) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  // Not awaitable_operators: where the second has failed, that tells of the first, which was cancelled therefore.
  auto group = asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(one), asio::deferred),
                                                       asio::co_spawn(executor, std::move(other), asio::deferred));
  const auto [order, of_one, of_other] =
      co_await group.async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);
  const bool one_was_first = order.front() == 0;
  for (const std::exception_ptr& thrown : {one_was_first ? of_one : of_other, one_was_first ? of_other : of_one}) {
    if (thrown) std::rethrow_exception(thrown);
  }
}

}  // namespace venturi::providers
