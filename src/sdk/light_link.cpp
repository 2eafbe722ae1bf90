#include "sdk/light_link.h"

#include <exception>
#include <utility>

#include "base/errno_error.h"
#include "venturi/context.h"

namespace venturi::inline sdk::internal {

void LightLink::send(const std::string& frames) {
  const std::lock_guard lock(writing_);
  if (!send_with_fds(socket_, frames, {})) throw errno_error("the supervisor does not read any more");
}

std::shared_ptr<LightLink::Exchange> LightLink::ask(const Value& token, std::span<const Value> requests,
                                                    const std::string& behind,
                                                    std::function<void(const std::vector<Answer>&)> then) {
  auto exchange = std::make_shared<Exchange>();
  exchange->answers.resize(requests.size());
  exchange->missing = requests.size();
  exchange->then = std::move(then);
  std::string packed, frames;
  std::vector<std::string> bodies;
  for (const Value& request : requests) {
    packed.clear();
    task::MapWriter message(packed);
    message.add("type", "LightMessage");
    message.add("token", token);
    message.add("body", request);
    bodies.push_back(packed);
  }
  std::int64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) throw task::ProtocolError("the supervisor closed the connection");
    id = next_id_;
    next_id_ += static_cast<std::int64_t>(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) asked_[id + static_cast<std::int64_t>(i)] = {exchange, i};
  }
  try {
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      try {
        task::append_packed_frame(frames, id++, bodies[i]);
      } catch (const task::ProtocolError&) {
        refuse_if_xcom(requests[i]);
        throw;
      }
    }
    send(frames + behind);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    std::erase_if(asked_, [&](const auto& entry) { return entry.second.exchange == exchange; });
    throw;
  }
  return exchange;
}

bool LightLink::wait(Exchange& exchange, const std::atomic<bool>* cancelled) {
  std::unique_lock lock(mutex_);
  exchange.changed.wait(lock, [&] { return exchange.missing == 0 || closed_ || (cancelled != nullptr && cancelled->load()); });
  if (exchange.missing == 0) return true;
  if (closed_) throw task::ProtocolError("the supervisor closed the connection");
  return false;
}

void LightLink::wake(const std::shared_ptr<Exchange>& exchange) {
  if (exchange == nullptr) return;
  const std::lock_guard lock(mutex_);
  exchange->changed.notify_all();
}

void LightLink::answered(task::Frame frame) {
  std::shared_ptr<Exchange> exchange;
  {
    const std::lock_guard lock(mutex_);
    const auto found = asked_.find(frame.id);
    if (found == asked_.end()) {
      throw task::ProtocolError("the supervisor answered request " + std::to_string(frame.id) + ", which does not wait");
    }
    exchange = std::move(found->second.exchange);
    exchange->answers[found->second.place] = {std::move(frame.body), std::move(frame.error)};
    asked_.erase(found);
    if (--exchange->missing > 0) return;
    if (!exchange->then) return exchange->changed.notify_all();
  }
  exchange->then(exchange->answers);
}

void LightLink::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& [id, asked] : asked_) asked.exchange->changed.notify_all();
  asked_.clear();
}

void LightComms::throw_if_cancelled() {
  if (!cancelled_ || std::uncaught_exceptions() > 0) return;
  const std::lock_guard lock(mutex_);
  throw TaskCancelled(why_);
}

void LightComms::cancel(const std::string& why) {
  std::shared_ptr<LightLink::Exchange> exchange;
  {
    const std::lock_guard lock(mutex_);
    if (!cancelled_) why_ = why;
    cancelled_ = true;
    exchange = waits_for_;
  }
  link_.wake(exchange);
}

std::string LightComms::why() {
  const std::lock_guard lock(mutex_);
  return why_;
}

Answer LightComms::ask(const Value& request) {
  return std::move(ask_all(std::span(&request, 1)).front());
}

std::vector<Answer> LightComms::ask_all(std::span<const Value> requests) {
  throw_if_cancelled();
  if (requests.empty()) return {};
  const auto exchange = link_.ask(token_, requests);
  {
    const std::lock_guard lock(mutex_);
    waits_for_ = exchange;
  }
  const LightThreads::Waiting waiting(threads_);
  // Whoever is unwinding gets its answer.
  const bool all = link_.wait(*exchange, std::uncaught_exceptions() > 0 ? nullptr : &cancelled_);
  {
    const std::lock_guard lock(mutex_);
    waits_for_ = nullptr;
  }
  if (!all) throw_if_cancelled();
  return std::move(exchange->answers);
}

std::vector<Answer> LightComms::tell(std::span<const Value> messages) {
  const auto exchange = link_.ask(token_, messages);
  const LightThreads::Waiting waiting(threads_);
  (void)link_.wait(*exchange, nullptr);
  return std::move(exchange->answers);
}

}  // namespace venturi::inline sdk::internal
