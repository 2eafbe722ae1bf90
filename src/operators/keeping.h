// What a coroutine of a host is spawned with when it can be cancelled by its `signal`.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace venturi::operators {

// co_spawn reaches into the run's cancellation signal until its end, after the coroutine itself and what it held are gone: this
// keeps the run for that long.
template <class Run>
auto keeping(std::shared_ptr<Run> run) {
  Run& kept = *run;
  return boost::asio::bind_cancellation_slot(kept.signal.slot(), [run = std::move(run)](const std::exception_ptr& broken) {
    if (broken) std::rethrow_exception(broken);
  });
}

}  // namespace venturi::operators
