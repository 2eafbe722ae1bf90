// Watchers of assets: each runs until the server does not want it any more.
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <set>

#include "operators/host.h"
#include "operators/keeping.h"
#include "operators/outcome.h"

namespace venturi::operators {
namespace {

namespace asio = boost::asio;

// Between two runs of a watcher that failed; each time twice as long, until it fires.
constexpr std::chrono::milliseconds first_pause{1000}, longest_pause{60'000};

}  // namespace

// All that are wanted: those of which nothing is said any more end.
void Host::watch(const Value& body) {
  std::set<std::int64_t> wanted;
  for (const Value& watcher : body.at("watchers").as_array()) wanted.insert(watcher.at("no").as_int());
  const auto running = watchers_;
  for (const auto& [no, run] : running) {
    if (!wanted.contains(no)) end_watcher(*run, "it is not wanted any more");
  }
  for (const Value& watcher : body.at("watchers").as_array()) {
    if (watchers_.contains(watcher.at("no").as_int())) continue;
    const auto run = std::make_shared<WatcherRun>(link_, memory_, options_.memory_of_try, watcher, secrets_);
    watchers_.emplace(run->no, run);
    asio::co_spawn(executor("watcher " + run->name + " of asset " + run->asset),
                   keep_watching(run, registry_.find_event_trigger(run->classpath)), keeping(run));
  }
}

void Host::end_watcher(WatcherRun& run, const std::string& why) {
  run.cancelled = std::make_unique<const Cancellable::Cancelled>("killed", why, ending_);
  run.host.close();
  run.signal.emit(asio::cancellation_type::terminal);
  watchers_.erase(run.no);
  end_if_done();
}

asio::awaitable<void> Host::keep_watching(std::shared_ptr<WatcherRun> run, const EventTriggerEntry* entry) {
  std::chrono::milliseconds pause = first_pause;
  while (!run->cancelled) {
    std::string error;
    const Value before = run->state();
    const std::size_t held = run->memory.used();
    try {
      if (entry == nullptr) throw TaskFailedForGood("there is no event trigger " + run->classpath);
      Arguments arguments(entry->arguments, run->kwargs);
      arguments.check();
      co_await entry->watch(*run, std::move(arguments));
      error = "it ended, although there is more to wait for";
    } catch (...) {
      if (run->cancelled) break;
      error = outcome_of(std::current_exception()).error;
    }
    if (run->cancelled) break;
    run->memory.release(run->memory.used() - held);  // what it was told
    pause = run->state() == before ? pause : first_pause;
    run->host.tell(Object{{"type", "WatcherFailed"},
                          {"error", run->log.mask(error.empty() ? "it failed without saying why" : error)},
                          {"pause", std::chrono::duration<double>(pause).count()}});
    asio::steady_timer timer(io_, pause);
    pause = std::min(2 * pause, longest_pause);
    boost::system::error_code cut_short;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cut_short));
  }
}

}  // namespace venturi::operators
