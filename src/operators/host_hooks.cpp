// The sessions of tasks in the host, and the coroutines of their calls.
#include <boost/asio/co_spawn.hpp>

#include <exception>

#include "operators/hook_session.h"
#include "operators/host.h"
#include "operators/keeping.h"
#include "operators/outcome_of.h"

namespace venturi::operators {
namespace {

namespace asio = boost::asio;

Value hook_error(const HookSession& session, const std::exception_ptr& error) {
  Object detail;
  try {
    std::rethrow_exception(error);
  } catch (const HookFailed& e) {
    detail = e.more;
  } catch (...) {
    detail = {};
  }
  std::string text = outcome_of(error).error;
  if (text.empty()) text = "it failed without saying why";
  detail.set("message", session.log.mask(text));
  return Object{{"type", "ErrorResponse"}, {"error", "HOST_CALL_FAILED"}, {"detail", std::move(detail)}};
}

}  // namespace

void Host::open_session(const Value& body) {
  const auto session = std::make_shared<HookSession>(link_, memory_, options_.memory_of_try, body, secrets_,
                                                     executor("a hook of " + body.get_string("label", "a task")));
  sessions_[session->id] = session;
}

void Host::close_session(std::int64_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  const auto session = std::move(found->second);
  sessions_.erase(found);
  session->ending.cancelled = std::make_unique<Cancellable::Cancelled>("killed", "its task ended");
  const auto runs = hook_runs_;  // one may end while the others are told
  for (const auto& [frame, run] : runs) {
    if (run->session == session) run->signal.emit(asio::cancellation_type::terminal);
  }
  session->close();
}

void Host::call_hook(const task::Frame& frame) {
  const auto found = sessions_.find(frame.body.at("session").as_int());
  // Closed before: whoever asked is gone.
  if (found == sessions_.end()) return link_.send(frame.id, {}, Object{{"type", "ErrorResponse"}, {"error", "NO_SESSION"}});
  const Value& call = frame.body.at("call");
  const auto run = std::make_shared<HookRun>();
  run->session = found->second;
  run->frame = frame.id;
  const std::string name = call.get_string("hook");
  run->call = {call.get_string("method"), call.get_string("conn_id"), call.get_value("arguments")};
  hook_runs_.emplace(frame.id, run);
  asio::co_spawn(run->session->executor, run_hook(run, registry_.find_hook(name), name), keeping(run));
}

asio::awaitable<void> Host::run_hook(std::shared_ptr<HookRun> run, const HookEntry* entry, std::string name) {
  HookSession& session = *run->session;
  const std::size_t held = session.memory.used();
  Value body, error;
  try {
    if (entry == nullptr) {
      throw TaskFailed("this worker has no hook '" + name + "', there are " + registry_.hook_names() +
                       "; the DAG's program may be newer than the worker");
    }
    body = co_await entry->call(session, run->call);
  } catch (...) {
    error = hook_error(session, std::current_exception());
  }
  if (session.memory.used() > held) session.memory.release(session.memory.used() - held);
  hook_runs_.erase(run->frame);
  if (error.is_null())
    link_.send(run->frame, Object{{"type", "HookResult"}, {"body", std::move(body)}});
  else
    link_.send(run->frame, {}, error);
  end_if_done();
}

}  // namespace venturi::operators
